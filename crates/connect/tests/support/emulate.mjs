// Twilio or Google as the package "emulate" plays them: emulate.mjs MODULES twilio|google. Prints its port.
// The package would listen on all interfaces.
import { Server } from "node:net";
import { pathToFileURL } from "node:url";

const listen = Server.prototype.listen;
Server.prototype.listen = function () {
  this.once("listening", () => console.log(this.address().port));
  return listen.call(this, 0, "127.0.0.1");
};
const { createEmulator } = await import(pathToFileURL(`${process.argv[2]}/emulate/dist/api.js`));
await createEmulator({ service: process.argv[3], port: 1 });
