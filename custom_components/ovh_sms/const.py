"""Names that last: they are in users' automations and configuration."""

from typing import Final

DOMAIN: Final = "ovh_sms"
DEFAULT_NOTIFY_SERVICE: Final = DOMAIN

CONF_ALLOWED_COUNTRIES: Final = "allowed_countries"
CONF_ALLOW_UNLISTED: Final = "allow_unlisted"
CONF_APPLICATION_KEY: Final = "application_key"
CONF_APPLICATION_SECRET: Final = "application_secret"
CONF_AUTH_METHOD: Final = "auth_method"
CONF_CLIENT_ID: Final = "client_id"
CONF_CLIENT_SECRET: Final = "client_secret"
CONF_CONSUMER_KEY: Final = "consumer_key"
CONF_DAILY_LIMIT: Final = "daily_limit"
CONF_DUPLICATE_WINDOW: Final = "duplicate_window"
CONF_LOGIN: Final = "login"
CONF_MAX_PARTS: Final = "max_parts"
CONF_MIGRATION_NOTES: Final = "migration_notes"
CONF_NOTIFY_SERVICE: Final = "notify_service"
CONF_NO_STOP_CLAUSE: Final = "no_stop_clause"
CONF_PASSWORD: Final = "password"
CONF_PHONE_NUMBERS: Final = "phone_numbers"
CONF_PRIORITY: Final = "priority"
CONF_RECIPIENT_LIMIT: Final = "recipient_limit"
CONF_SENDER: Final = "sender"
CONF_SEND_TEST: Final = "send_test"
CONF_SERVICE_NAME: Final = "service_name"
CONF_TEXT_MODE: Final = "text_mode"
CONF_TOO_LONG: Final = "too_long"
CONF_VALIDITY: Final = "validity"

AUTH_API_KEYS: Final = "api_keys"
AUTH_SERVICE_ACCOUNT: Final = "service_account"
AUTH_SMS_USER: Final = "sms_user"
SUBENTRY_RECIPIENT: Final = "recipient"

ATTR_BYPASS_LIMITS: Final = "bypass_limits"
ATTR_CONFIG_ENTRY_ID: Final = "config_entry_id"
ATTR_MESSAGE: Final = "message"
ATTR_NO_STOP_CLAUSE: Final = "no_stop_clause"
ATTR_PRIORITY: Final = "priority"
ATTR_RECEIVERS: Final = "receivers"
ATTR_RECIPIENTS: Final = "recipients"
ATTR_SENDER: Final = "sender"
ATTR_SENDER_FOR_RESPONSE: Final = "sender_for_response"
ATTR_TAG: Final = "tag"
ATTR_TITLE: Final = "title"

SERVICE_SEND_SMS: Final = "send_sms"

# Points the integration at a simulator instead of OVHcloud; see docs/development.md.
ENV_API_URL: Final = "OVH_SMS_API"
