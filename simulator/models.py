"""The fields of every model that the simulator answers with: name, type, and whether null is allowed.

A type ends in `?` when null is allowed and starts with `-` when the field is read-only.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from .constants import PARIS
from .rates import BILLING_COUNTRIES, COUNTRIES

ENUMS: Final[dict[str, frozenset[str]]] = {
    "auth.CredentialStateEnum": frozenset(
        {"expired", "pendingValidation", "refused", "validated"}
    ),
    "auth.HTTPMethodEnum": frozenset({"DELETE", "GET", "PATCH", "POST", "PUT"}),
    "auth.MethodEnum": frozenset(
        {"account", "oauth2_client_credentials", "provider", "user"}
    ),
    "iam.ResourceMetadata.StateEnum": frozenset(
        {"EXPIRED", "IN_CREATION", "OK", "SUSPENDED"}
    ),
    "order.CurrencyCodeEnum": frozenset(
        {
            "AUD",
            "CAD",
            "CZK",
            "EUR",
            "GBP",
            "INR",
            "LTL",
            "MAD",
            "N/A",
            "PLN",
            "SGD",
            "TND",
            "USD",
            "XOF",
            "points",
        }
    ),
    "service.RenewalTypeEnum": frozenset(
        {
            "automaticForcedProduct",
            "automaticV2012",
            "automaticV2014",
            "automaticV2016",
            "automaticV2024",
            "manual",
            "oneShot",
            "option",
        }
    ),
    "service.StateEnum": frozenset(
        {"autorenewInProgress", "expired", "inCreation", "ok", "pendingDebt", "unPaid"}
    ),
    "sms.BillingCountryEnum": BILLING_COUNTRIES,
    "sms.ChannelEnum": frozenset({"both", "marketing", "transactional"}),
    "sms.CharsetEnum": frozenset({"UTF-8"}),
    "sms.ClassEnum": frozenset({"flash", "phoneDisplay", "sim", "toolkit"}),
    "sms.CodingEnum": frozenset({"7bit", "8bit"}),
    "sms.CountryEnum": COUNTRIES,
    "sms.EncodingEnum": frozenset({"7bits", "unicode"}),
    "sms.PackQuantityAutomaticRecreditEnum": frozenset(
        {"100", "200", "250", "500", "1000", "5000", "10000"}
    ),
    "sms.PriorityEnum": frozenset({"high", "low", "medium", "veryLow"}),
    "sms.PttDurationTypeEnum": frozenset({"indeterminated", "permanent", "temporary"}),
    "sms.QuotaStatusUserEnum": frozenset({"active", "inactive"}),
    "sms.RefererSenderEnum": frozenset(
        {"custom", "domain", "line", "nic", "owner", "virtual"}
    ),
    "sms.ResponseTrackingMediaEnum": frozenset({"email", "sms", "voice"}),
    "sms.ResponseTypeEnum": frozenset({"cgi", "none", "text"}),
    "sms.RestrictionCodeEnum": frozenset(
        {"ALPHA", "BAD_DLR", "BLOCKED", "CODING", "DLR", "FLASHONLY", "MSISDN"}
    ),
    "sms.StatusAccountEnum": frozenset({"disable", "enable"}),
    "sms.StatusSenderEnum": frozenset(
        {"disable", "enable", "refused", "waitingValidation"}
    ),
    "sms.SupportEnum": frozenset({"both", "mail", "sms"}),
    "sms.TypeSenderEnum": frozenset(
        {"alpha", "numeric", "shortcode", "time2chat", "virtual"}
    ),
    "sms.VirtualNumberIsoCountryCodeEnum": frozenset(
        {"be", "ch", "de", "es", "fr", "uk"}
    ),
}

_MESSAGE: Final = {
    "id": "-long",
    "creationDatetime": "-datetime",
    "sentAt": "-datetime?",
    "deliveredAt": "-datetime?",
    "sender": "-string",
    "receiver": "-string",
    "message": "-string",
    "messageLength": "-long",
    "numberOfSms": "-long",
    "credits": "-double",
    "deliveryReceipt": "-long",
    "ptt": "-long",
    "differedDelivery": "-long",
}
_ACCOUNT: Final = {
    "name": "-string",
    "description": "string",
    "status": "-sms.StatusAccountEnum",
    "creditsLeft": "-double",
    "creditsHoldByQuota": "-double",
    "userQuantityWithQuota": "-long",
    "creditThresholdForAutomaticRecredit": "double",
    "automaticRecreditAmount": "sms.PackQuantityAutomaticRecreditEnum?",
    "callBack": "string?",
    "stopCallBack": "string?",
    "channel": "-sms.ChannelEnum",
    "smpp": "-boolean",
    "smsResponse": "sms.Response",
    "templates": "sms.Templates",
}
_VIRTUAL_NUMBER: Final = {
    "number": "-string",
    "countryCode": "-sms.VirtualNumberIsoCountryCodeEnum",
}
_RULE: Final = {"method": "auth.HTTPMethodEnum", "path": "string"}

MODELS: Final[dict[str, dict[str, str]]] = {
    "api.Credential": {
        "credentialId": "-long",
        "applicationId": "-long",
        "status": "-auth.CredentialStateEnum",
        "creation": "-datetime",
        "expiration": "-datetime?",
        "lastUse": "-datetime?",
        "allowedIPs": "ipBlock[]?",
        "ovhSupport": "-boolean",
        "rules": "-auth.AccessRule[]",
    },
    "auth.AccessRule": {name: f"-{kind}" for name, kind in _RULE.items()},
    "auth.AccessRuleRequest": _RULE,
    "auth.ApiCredentialRequest": {
        "consumerKey": "-password",
        "state": "-auth.CredentialStateEnum",
        "validationUrl": "-string",
    },
    "auth.Details": {
        "account": "-string",
        "method": "-auth.MethodEnum",
        "allowedRoutes": "-auth.AccessRule[]?",
        "description": "-string?",
        "identities": "-string[]",
        "roles": "-string[]?",
        "user": "-string?",
    },
    "iam.ResourceMetadata": {
        "id": "-uuid",
        "urn": "-string",
        "displayName": "-string?",
        "state": "-iam.ResourceMetadata.StateEnum?",
        "tags": "-map[string]string?",
    },
    "order.Price": {
        "currencyCode": "order.CurrencyCodeEnum",
        "text": "string",
        "value": "double",
    },
    "service.RenewType": {
        "automatic": "boolean",
        "deleteAtExpiration": "boolean",
        "forced": "boolean",
        "manualPayment": "boolean?",
        "period": "long?",
    },
    "services.Service": {
        "domain": "-string",
        "serviceId": "-long",
        "status": "-service.StateEnum",
        "creation": "-date",
        "expiration": "-date",
        "engagedUpTo": "-date?",
        "renew": "service.RenewType?",
        "renewalType": "-service.RenewalTypeEnum",
        "possibleRenewPeriod": "-long[]?",
        "canDeleteAtExpiration": "-boolean",
        "contactAdmin": "-string",
        "contactBilling": "-string",
        "contactTech": "-string",
    },
    "sms.Account": _ACCOUNT,
    "sms.AccountWithIAM": {**_ACCOUNT, "iam": "-iam.ResourceMetadata?"},
    "sms.AlertThreshold": {
        "alertEmail": "string",
        "alertNumber": "string",
        "alertThreshold": "long",
        "support": "sms.SupportEnum",
    },
    "sms.Blacklist": {
        "number": "-string",
        "dateCreation": "-datetime",
        "batchID": "-uuid?",
        "smsOutgoingID": "-long?",
    },
    "sms.DestinationRates": {
        "country": "string",
        "countryCode": "sms.CountryEnum",
        "credit": "double",
        "price": "order.Price",
        "vatRate": "double",
    },
    "sms.Exception": {
        "countrySuffixe": "-string",
        "operators": "-string",
        "messages": "-string[]",
        "restrictionCode": "-sms.RestrictionCodeEnum",
        "substitution": "-string?",
    },
    "sms.Hlr": dict.fromkeys(
        ("country", "countryCode", "network", "operator", "region"), "-string"
    ),
    "sms.Incoming": {
        "id": "-long",
        "creationDatetime": "-datetime",
        "sender": "-string",
        "message": "-string",
        "credits": "-double",
        "tag": "-string",
    },
    "sms.Job": _MESSAGE,
    "sms.JobEstimate": {
        "characters": "long",
        "charactersClass": "sms.EncodingEnum",
        "maxCharactersPerPart": "long",
        "parts": "long",
    },
    "sms.Outgoing": {
        **_MESSAGE,
        "tag": "-string",
        "tariffCode": "-string",
        "batchID": "-uuid?",
        "messageID": "-uuid?",
    },
    "sms.PackDetails": {
        "countryCode": "sms.CountryEnum",
        "credit": "double",
        "creditPrice": "order.Price",
        "creditQuantityMin": "long",
        "creditQuantityMax": "long?",
        "discountCreditPrice": "order.Price?",
        "discountPercentage": "long?",
        "discountSmsPrice": "order.Price?",
        "smsPrice": "order.Price",
        "smsQuantityMin": "long",
        "smsQuantityMax": "long?",
        "vatRate": "double",
    },
    "sms.PttDetails": {
        "comment": "string",
        "description": "string",
        "duration": "sms.PttDurationTypeEnum",
    },
    "sms.Quota": {"quotaLeft": "double", "quotaStatus": "sms.QuotaStatusUserEnum"},
    "sms.Receiver": {
        "slotId": "-long",
        "description": "string",
        "records": "-long",
        "datetime": "-datetime",
        "autoUpdate": "boolean",
        "canAutoUpdate": "-boolean",
    },
    "sms.Response": {
        "responseType": "sms.ResponseTypeEnum",
        "cgiUrl": "string?",
        "text": "string?",
        "trackingDefaultSmsSender": "string?",
        "trackingOptions": "sms.ResponseTrackingOptions[]?",
    },
    "sms.ResponseTrackingOptions": {
        "media": "sms.ResponseTrackingMediaEnum",
        "sender": "string",
        "target": "string",
    },
    "sms.Sender": {
        "sender": "-string",
        "description": "string",
        "status": "sms.StatusSenderEnum",
        "type": "-sms.TypeSenderEnum?",
        "referer": "-sms.RefererSenderEnum",
        "comment": "-string?",
        "validationMedia": "-string?",
    },
    "sms.SmsSendingReport": {
        "ids": "long[]",
        "validReceivers": "string[]",
        "invalidReceivers": "string[]",
        "totalCreditsRemoved": "double",
        "tag": "string",
    },
    "sms.Templates": {
        "customizedEmailMode": "boolean",
        "customizedSmsMode": "boolean",
        "emailBody": "string?",
        "emailFrom": "string?",
        "emailSubject": "string?",
        "smsBody": "string?",
    },
    "sms.User": {
        "login": "-string",
        "password": "string",
        "callBack": "string?",
        "stopCallBack": "string?",
        "ipRestrictions": "string[]",
        "quotaInformations": "sms.Quota",
        "alertThresholdInformations": "sms.AlertThreshold",
    },
    "sms.VirtualNumber": _VIRTUAL_NUMBER,
    "sms.VirtualNumberGenericServiceWithIAM": {
        **_VIRTUAL_NUMBER,
        "iam": "-iam.ResourceMetadata?",
    },
    "sms.VirtualNumberJob": {
        name: kind
        for name, kind in _MESSAGE.items()
        if name not in {"sentAt", "deliveredAt", "sender"}
    },
}


def _plain(value: object, kind: str) -> object:
    """Turn a value into what JSON carries, or raise when it is not of its type."""
    if kind.endswith("[]") and isinstance(value, list):
        return [_plain(item, kind.removesuffix("[]")) for item in value]
    if kind in MODELS and isinstance(value, Mapping):
        return render(kind, value)
    if kind in ENUMS and value in ENUMS[kind]:
        return value
    if kind == "datetime" and isinstance(value, datetime):
        return value.astimezone(PARIS).isoformat(timespec="seconds")
    if kind == "date" and isinstance(value, date):
        return value.isoformat()
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind == "long" and isinstance(value, int) and not isinstance(value, bool):
        return value
    if (
        kind == "double"
        and isinstance(value, int | float)
        and not isinstance(value, bool)
    ):
        # The captured answers show whole credits without a decimal point.
        rounded = round(value, 4)
        return int(rounded) if rounded == int(rounded) else rounded
    if kind in {"string", "uuid", "password", "ipBlock"} and isinstance(value, str):
        return value
    if kind == "map[string]string" and isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{value!r} is not a {kind}")


def render(model: str, values: Mapping[str, object]) -> dict[str, object]:
    """Serialise a model, making sure that every field is there and of its type."""
    fields = MODELS[model]
    if fields.keys() != values.keys():
        raise TypeError(
            f"{model} lacks or has too much: {sorted(fields.keys() ^ values.keys())}"
        )
    answer: dict[str, object] = {}
    for name, declared in fields.items():
        value = values[name]
        kind = declared.removeprefix("-")
        if value is None and kind.endswith("?"):
            answer[name] = None
            continue
        try:
            answer[name] = _plain(value, kind.removesuffix("?"))
        except TypeError as err:
            raise TypeError(f"{model}.{name}: {err}") from err
    return answer
