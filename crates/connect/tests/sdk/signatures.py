"""What the official SDKs sign, and what they believe. Reads a list of cases, writes a list of answers, both JSON."""
import json
import sys
from urllib.parse import parse_qsl

import jwt
from twilio.request_validator import RequestValidator
from vonage_http_client.auth import Auth
from vonage_jwt.verify_jwt import verify_signature


class Fields:
    """Fields with repeated names, as web frameworks hand them over."""

    def __init__(self, pairs):
        self.pairs = pairs

    def __iter__(self):
        return iter([name for name, _ in self.pairs])

    def __bool__(self):
        return bool(self.pairs)

    def getall(self, name):
        return [value for each, value in self.pairs if each == name]


def twilio_form(case):
    validator = RequestValidator(case["secret"])
    fields = Fields(parse_qsl(case["body"], keep_blank_values=True))
    signed = validator.compute_signature(case["signed_url"], fields, case["algorithm"])
    return {"signed": signed, "believes": validator.validate(case["url"], fields, case["ours"], case["algorithm"])}


def twilio_json(case):
    validator = RequestValidator(case["secret"])
    url = case["url"] + "?bodySHA256=" + validator.compute_hash(case["body"])
    return {"url": url, "signed": validator.compute_signature(url, {}),
            "believes": validator.validate(url, case["body"], case["ours"])}


def vonage_sms(case):
    auth = Auth(api_key="abcd1234", signature_secret=case["secret"], signature_method=case["method"])
    return {"signed": auth.sign_params(dict(case["fields"])),
            "believes": auth.check_signature(dict(case["fields"], sig=case["ours"]))}


def vonage_token(case):
    return {"signed": jwt.encode(case["claims"], case["secret"], algorithm="HS256"),
            "believes": verify_signature(case["ours"], case["secret"])}


ASK = {"twilio_form": twilio_form, "twilio_json": twilio_json, "vonage_sms": vonage_sms, "vonage_token": vonage_token}
json.dump([ASK[case["kind"]](case) for case in json.load(sys.stdin)], sys.stdout)
