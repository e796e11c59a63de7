"""Everything that a user does, from adding the integration to removing it."""

from playwright.async_api import expect

from simulator.constants import (
    APPLICATION_KEY,
    APPLICATION_SECRET,
    CLIENT_ID,
    CLIENT_SECRET,
    CONSUMER_KEY,
)

from .dialog import Dialog
from .ovhcloud import approve
from .rest import at_rest, click, fill as fill_in
from .screen import must_be_in_words
from .walk import Walk

FIRST, SECOND, THIRD = "+33639980001", "+33639980002", "+33639980003"
BARN = {"name": "sms-ab12345-3", "description": "Barn", "sender": "BARN"}
YARD = {"name": "sms-ab12345-4", "description": "Yard", "sender": "YARD"}
YARD_USER = {"login": "yarduser", "password": "fake0pw1"}
RECIPIENT = "config_subentries.recipient.step.user"


async def begin(walk: Walk, way: str) -> Dialog:
    """Begin to add an account in one of the four ways."""
    dialog = await walk.integration.add()
    await dialog.shows(walk.words.ours("config.step.user.title"))
    if way == "api_keys":
        await walk.picture("sign-in-menu", dialog)
    await dialog.pick(walk.words.ours(f"config.step.user.menu_options.{way}"))
    await dialog.shows(walk.words.ours(f"config.step.{way}.title"))
    return dialog


async def fill(walk: Walk, dialog: Dialog, step: str, **answers: str) -> None:
    """Fill in the texts of a step."""
    for name, text in answers.items():
        label = walk.words.ours(f"{step}.data.{name}")
        await dialog.fill(label, text)


async def choose_account(walk: Walk, dialog: Dialog, account: str, sender: str) -> None:
    """Choose the account, then its sender."""
    for step, field, option in (
        ("account", "service_name", account),
        ("sender", "sender", sender),
    ):
        await dialog.shows(
            walk.words.ours(f"config.step.{step}.description", withheld="")
        )
        label = walk.words.ours(f"config.step.{step}.data.{field}")
        await dialog.choose(label, option)
        await dialog.submit()


async def describe_recipient(
    walk: Walk, dialog: Dialog, name: str, *numbers: str
) -> None:
    """Fill in a recipient, with a test SMS."""
    await dialog.shows(walk.words.ours(f"{RECIPIENT}.title"))
    await fill(walk, dialog, RECIPIENT, name=name)
    for number in numbers:
        await dialog.add_to(walk.words.ours(f"{RECIPIENT}.data.phone_numbers"), number)
    await dialog.turn_on(walk.words.ours(f"{RECIPIENT}.data.send_test"))


async def test_three_keys(walk: Walk) -> None:
    """Sign in with three keys, and add the first recipient at once."""
    dialog = await begin(walk, "api_keys")
    await walk.picture("sign-in", dialog)
    keys = {
        "application_key": APPLICATION_KEY,
        "application_secret": APPLICATION_SECRET,
    }
    await fill(walk, dialog, "config.step.api_keys", **keys, consumer_key="fake0wrong")
    await dialog.submit()
    await dialog.refuses(walk.words.ours("config.error.unknown_consumer_key"))
    await walk.picture("sign-in-error", dialog)
    await fill(walk, dialog, "config.step.api_keys", consumer_key=CONSUMER_KEY)
    await dialog.submit()
    await choose_account(walk, dialog, "Home", "HOUSE")

    await describe_recipient(walk, dialog, walk.names.phone, "01 39 98 00 01")
    await dialog.submit()
    error = "config_subentries.recipient.error.number_landline"
    await dialog.refuses(walk.words.ours(error, number="…01"))
    await walk.picture("add-recipient", dialog)
    label = walk.words.ours(f"{RECIPIENT}.data.phone_numbers")
    await dialog.fill(label, "06 39 98 00 01")
    await dialog.submit()
    await dialog.finish()
    await walk.cloud.arrives(FIRST, walk.words.ours("common.test_message"))


async def test_second_recipient(walk: Walk) -> None:
    """Add a group on the page of the integration."""
    await walk.integration.open()
    dialog = await walk.integration.add_recipient()
    numbers = "06 39 98 00 02", "+33 6 39 98 00 03"
    await describe_recipient(walk, dialog, walk.names.family, *numbers)
    await dialog.submit()
    await dialog.finish()
    await expect(walk.integration.account("Home")).to_contain_text(walk.names.family)
    for number in (SECOND, THIRD):
        await walk.cloud.arrives(number, walk.words.ours("common.test_message"))


async def test_approving(walk: Walk) -> None:
    """Sign in by approving on OVHcloud's page, in a second tab."""
    dialog = await begin(walk, "sign_in")
    await fill(
        walk,
        dialog,
        "config.step.sign_in",
        application_key=APPLICATION_KEY,
        application_secret=APPLICATION_SECRET,
    )
    async with walk.context.expect_page() as opened:
        await dialog.submit()
    await (await opened.value).wait_for_load_state()
    await approve(walk.context, walk.page)
    await choose_account(walk, dialog, "Office", "OFFICE")
    await describe_recipient(walk, dialog, "Office", "06 39 98 00 02")
    await dialog.submit()
    await dialog.finish()


async def test_service_account(walk: Walk) -> None:
    """Sign in with a service account."""
    await walk.cloud.order("POST", "accounts", **BARN)
    dialog = await begin(walk, "service_account")
    await fill(
        walk,
        dialog,
        "config.step.service_account",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
    )
    await dialog.submit()
    await choose_account(walk, dialog, "Barn", "BARN")
    await describe_recipient(walk, dialog, "Barn", "06 39 98 00 02")
    await dialog.submit()
    await dialog.finish()


async def test_sms_user(walk: Walk) -> None:
    """Sign in with an SMS user, which a test SMS proves."""
    await walk.cloud.order("POST", "accounts", **YARD, **YARD_USER)
    dialog = await begin(walk, "sms_user")
    await walk.picture("sms-user", dialog)
    await fill(
        walk,
        dialog,
        "config.step.sms_user",
        service_name=YARD["name"],
        **YARD_USER,
    )
    sender = walk.words.ours("config.step.sms_user.data.sender")
    await dialog.type_in(sender, YARD["sender"])
    await dialog.submit()
    await describe_recipient(walk, dialog, "Yard", "06 39 98 00 03")
    await dialog.submit()
    await dialog.finish()
    await walk.cloud.arrives(THIRD, "YARD")


async def test_action_tool(walk: Walk) -> None:
    """Send with the integration's own action, and with that of all notify entities."""
    form = walk.tool.form
    await walk.tool.open()
    await form.choose("ovh_sms.send_sms")
    await form.is_in_words()
    await form.target(walk.names.phone)
    await form.write(walk.names.leak)
    await form.add_to(
        walk.words.ours("services.send_sms.fields.receivers.name"), "06 39 98 00 02"
    )
    await walk.tool.perform()
    await walk.cloud.arrives(FIRST, walk.names.leak)
    await walk.cloud.arrives(SECOND, walk.names.leak)

    await walk.tool.open()
    await form.choose("notify.send_message")
    await form.target(walk.names.family)
    await form.write(walk.names.pump)
    await walk.tool.perform()
    await walk.cloud.arrives(SECOND, walk.names.pump)
    await walk.cloud.arrives(THIRD, walk.names.pump)
    await walk.cloud.has_not(FIRST, walk.names.pump)


async def test_automation(walk: Walk) -> None:
    """Make an automation, and run its action in the editor."""
    await walk.editor.begin()
    await walk.editor.add_action(walk.words.ours("services.send_sms.name"))
    await walk.editor.form.is_in_words()
    await walk.editor.form.target(walk.names.phone)
    await walk.editor.form.write(walk.names.smoke)
    await walk.editor.run_action()
    await walk.cloud.arrives(FIRST, walk.names.smoke)
    await walk.editor.save(walk.names.automation)


async def test_dashboard(walk: Walk) -> None:
    """Put a button on a dashboard, and press it."""
    await walk.board.make()
    await walk.board.add_button(
        walk.names.phone, "notify.send_message", walk.names.bell
    )
    await walk.board.press()
    await walk.cloud.arrives(FIRST, walk.names.bell)


async def test_replies(walk: Walk) -> None:
    """Turn replies on, and let the answer of a recipient run an automation."""
    await walk.integration.open()
    dialog = await walk.integration.open_options("Home")
    sender = walk.words.ours("options.step.init.data.sender")
    await dialog.choose(sender, walk.words.ours("common.short_number"))
    section = walk.words.ours("options.step.init.sections.feedback.name")
    await dialog.open_section(section)
    await dialog.is_in_words()
    await dialog.tick(walk.words.ours("selector.replies.options.poll"))
    await dialog.submit()
    await dialog.finish()

    trigger = "triggers.reply_received"
    await walk.editor.begin()
    await walk.editor.add_trigger(walk.words.ours(f"{trigger}.name"))
    recipients = walk.words.ours(f"{trigger}.fields.recipient.name")
    await walk.editor.choose_entity(recipients, walk.names.phone)
    contains = walk.words.ours(f"{trigger}.fields.contains.name")
    row = await walk.editor.narrow(contains)
    await fill_in(row.get_by_role("textbox"), walk.names.gate)
    await must_be_in_words(walk.page)
    await walk.pictures.take("trigger", walk.editor.sidebar, walk.editor.trigger)
    await walk.editor.add_action(walk.words.ours("services.send_sms.name"))
    await walk.editor.form.target(walk.names.family)
    await walk.editor.form.write(walk.names.opened)
    await walk.editor.save(walk.names.gate)

    await walk.board.press()
    await walk.cloud.answer(FIRST, walk.names.wish)
    await walk.read_replies()
    await walk.cloud.arrives(SECOND, walk.names.opened)
    await walk.pictures.take_top("handset", walk.cloud.page, height=740)


async def test_outage(walk: Walk) -> None:
    """See that OVHcloud is out of reach and that a message waits, which leaves later by itself."""
    await walk.cloud.order("POST", "faults", kind="refuse")
    await walk.board.press()
    await walk.integration.open()
    await walk.integration.open_device("Home")
    device = walk.page.locator("ha-config-device-page")
    problem = device.locator("hui-generic-entity-row").filter(
        has_text=walk.words.ours("entity.binary_sensor.problem.name")
    )
    states = "entity_component.problem.state"
    await expect(problem).to_contain_text(
        walk.words.core("binary_sensor", f"{states}.on")
    )
    all_is_well = walk.words.core("binary_sensor", f"{states}.off")
    await expect(problem).not_to_contain_text(all_is_well)
    events = "entity.event.delivery.state_attributes.event_type.state"
    delivery = device.locator("hui-generic-entity-row").filter(
        has_text=walk.words.ours("entity.event.delivery.name")
    )
    await expect(delivery).to_contain_text(walk.words.ours(f"{events}.queued"))
    await walk.cloud.order("DELETE", "faults")
    await expect(delivery).to_contain_text(walk.words.ours(f"{events}.accepted"))
    await expect(problem).to_contain_text(all_is_well)
    await at_rest(walk.page)
    await walk.pictures.take("device", device.locator(".container").first, margin=0)


async def change_recipient_limit(walk: Walk, limit: int) -> None:
    """Change how many messages a number may get, in the options."""
    await walk.integration.open()
    dialog = await walk.integration.open_options("Home")
    await dialog.shows(walk.words.ours("options.step.init.title"))
    section = "options.step.init.sections.limits"
    await dialog.open_section(walk.words.ours(f"{section}.name"))
    await dialog.is_in_words()
    label = walk.words.ours(f"{section}.data.recipient_limit")
    await dialog.fill_number(label, limit)
    await dialog.submit()
    await dialog.finish()


async def test_options(walk: Walk) -> None:
    """Look through all the options, and change one of them."""
    await walk.integration.open()
    dialog = await walk.integration.open_options("Home")
    init = "options.step.init"
    await dialog.shows(walk.words.ours(f"{init}.title"))
    await dialog.open_section(walk.words.ours(f"{init}.sections.waiting.name"))
    await walk.picture("options", dialog)
    for section in ("sending", "text", "receivers", "privacy"):
        await dialog.open_section(walk.words.ours(f"{init}.sections.{section}.name"))
    await dialog.is_in_words()
    await dialog.submit()
    await dialog.finish()
    await change_recipient_limit(walk, 1)


async def test_limit_reached(walk: Walk) -> None:
    """See a limit refuse a message, and carry on through the repair."""
    await walk.press_in_vain("recipient_limit", number="…01", limit="1")
    issue = "issues.recipient_limit_reached"
    title = walk.words.ours(f"{issue}.title", account="Home", limit="1")
    dialog = await walk.repairs.open(title)
    await dialog.shows(walk.words.ours(f"{issue}.fix_flow.step.confirm.title"))
    await dialog.submit()
    await dialog.finish()
    await walk.repairs.is_empty()
    await change_recipient_limit(walk, 10)


async def test_sign_in_again(walk: Walk) -> None:
    """Approve a new key when the old one has expired."""
    path = f"credentials/{CONSUMER_KEY}"
    await walk.cloud.order("PATCH", path, status="expired")
    await walk.press_in_vain("inactive_consumer_key")
    await walk.integration.open()
    dialog = await walk.integration.sign_in_again()
    again = "config.step.reauth_confirm"
    await dialog.shows(walk.words.ours(f"{again}.title"))
    await walk.picture("sign-in-again", dialog)
    await dialog.pick(walk.words.ours(f"{again}.menu_options.approve_again"))
    await dialog.shows(walk.words.ours("config.step.approve_again.title"))
    async with walk.context.expect_page() as opened:
        await dialog.submit()
    await (await opened.value).wait_for_load_state()
    await approve(walk.context, walk.page)
    await dialog.close()
    await walk.tool.open()
    await walk.tool.form.choose("notify.send_message")
    await walk.tool.form.target(walk.names.phone)
    await walk.tool.form.write("Signed in again.")
    await walk.tool.perform()
    await walk.cloud.arrives(FIRST, "Signed in again.")


async def test_removal(walk: Walk) -> None:
    """Remove every account, and be told what is left at OVHcloud."""
    await walk.integration.open()
    accounts = "Office", "Barn", YARD["name"], "Home"
    for account in accounts:
        await walk.integration.delete(account)
    notifications = walk.words.theirs("notification_drawer.title")
    await click(walk.page.get_by_role("button", name=notifications))
    drawer = walk.page.locator("notification-drawer")
    for account in accounts:
        removed = walk.words.ours("common.removed", account=account)
        await expect(drawer).to_contain_text(removed)
