"""Sends one text by an official SDK to a stand-in: send.py SDK PORT. The text comes as JSON."""
import json
import sys

import requests
from twilio.rest import Client
from vonage import Auth, Vonage
from vonage_messages import Sms
from vonage_messages.models import SmsOptions
from vonage_sms import SmsMessage

sdk, port = sys.argv[1:]
text = json.load(sys.stdin)
send = requests.Session.send


def to_the_stand_in(session, request, **options):
    host = request.url.split("/")[2]
    request.url = request.url.replace(f"https://{host}", f"http://127.0.0.1:{port}")
    return send(session, request, **options)


requests.Session.send = to_the_stand_in
requests.Session.trust_env = False
if sdk == "twilio":
    Client(text["user"], text["secret"]).messages.create(
        to=text["to"], from_=text["from"], body=text["body"], status_callback=text["report_to"],
        validity_period=text["seconds"])
elif sdk == "twilio_list":
    Client(text["user"], text["secret"]).messages.list(to=text["to"], page_size=500)
elif sdk == "vonage_sms":
    Vonage(Auth(api_key=text["user"], api_secret=text["secret"])).sms.send(SmsMessage(
        to=text["to"], from_=text["from"], text=text["body"], type="text", ttl=text["seconds"] * 1000,
        callback=text["report_to"], client_ref=text["reference"]))
elif sdk == "vonage_messages":
    Vonage(Auth(api_key=text["user"], api_secret=text["secret"])).messages.send(Sms(
        to=text["to"], from_=text["from"], text=text["body"], ttl=text["seconds"], client_ref=text["reference"],
        webhook_url=text["report_to"], webhook_version="v1", sms=SmsOptions(encoding_type="text")))
else:
    sys.exit(f"{sdk}?")
