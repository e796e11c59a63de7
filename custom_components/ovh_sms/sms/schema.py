"""The form of a ledger's file, and how each older one is brought to it."""

from typing import Final

_FIRST: Final = """
CREATE TABLE messages (
    message_id TEXT PRIMARY KEY,
    tag TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    created_at REAL NOT NULL,
    changed_at REAL NOT NULL,
    job TEXT NOT NULL,
    parts INTEGER NOT NULL,
    credits REAL NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX messages_by_time ON messages (created_at);
CREATE TABLE deliveries (
    message_id TEXT NOT NULL REFERENCES messages ON DELETE CASCADE,
    number TEXT NOT NULL,
    recipient_id TEXT,
    state TEXT NOT NULL,
    PRIMARY KEY (message_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_by_number ON deliveries (number);
"""
# `place` is the order in which messages came in, whatever the clock said. `owed` is set
# as long as nobody was told how the message ended, `closed` where that cannot be found
# out. Text and numbers can be forgotten; their marks, which limits are counted by, stay.
_SECOND: Final = """
ALTER TABLE messages RENAME TO old_messages;
ALTER TABLE deliveries RENAME TO old_deliveries;
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO facts VALUES ('secret', new_secret());
CREATE TABLE messages (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL UNIQUE,
    tag TEXT NOT NULL,
    own_tag INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    run TEXT,
    owed INTEGER NOT NULL DEFAULT 0,
    closed INTEGER NOT NULL DEFAULT 0,
    can_wait INTEGER NOT NULL,
    created_at REAL NOT NULL,
    changed_at REAL NOT NULL,
    send_at REAL,
    deadline REAL NOT NULL,
    handed_at REAL NOT NULL,
    job TEXT,
    whole TEXT,
    text_mark BLOB NOT NULL,
    shortened INTEGER NOT NULL,
    bypass_limits INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    credits REAL NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE deliveries (
    message_id TEXT NOT NULL REFERENCES messages (message_id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    number TEXT,
    number_mark BLOB,
    recipient_id TEXT,
    state TEXT NOT NULL,
    reason TEXT,
    sms_id INTEGER,
    PRIMARY KEY (message_id, position)
) STRICT, WITHOUT ROWID;
INSERT INTO messages (message_id, tag, own_tag, state, reason, closed, can_wait,
        created_at, changed_at, deadline, handed_at, job, whole, text_mark, shortened,
        bypass_limits, parts, credits)
    SELECT message_id, tag, tag GLOB 'ha*', state, reason, state = 'unknown', 0,
        created_at, changed_at, created_at, created_at, job,
        json_extract(job, '$.message'), mark(json_extract(job, '$.message')), 0,
        0, parts, credits
    FROM old_messages ORDER BY created_at, rowid;
INSERT INTO deliveries (message_id, position, number, number_mark, recipient_id, state)
    SELECT message_id, row_number() OVER (PARTITION BY message_id ORDER BY number) - 1,
        number, mark(number), recipient_id, state
    FROM old_deliveries;
DROP TABLE old_deliveries;
DROP TABLE old_messages;
CREATE INDEX messages_by_time ON messages (created_at);
CREATE INDEX messages_open ON messages (state, place)
    WHERE state IN ('waiting', 'sending', 'unknown');
CREATE INDEX messages_owed ON messages (place) WHERE owed;
CREATE INDEX deliveries_by_mark ON deliveries (number_mark);
CREATE INDEX deliveries_by_sms ON deliveries (sms_id) WHERE sms_id IS NOT NULL;
"""
# `look_at` is when OVHcloud is asked next whether an SMS arrived, and `owed` is set as
# long as nobody was told how that ended. In `replies` are those to be told of yet.
_THIRD: Final = """
ALTER TABLE deliveries ADD COLUMN look_at REAL;
ALTER TABLE deliveries ADD COLUMN owed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deliveries_by_look ON deliveries (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX deliveries_owed ON deliveries (message_id) WHERE owed;
CREATE TABLE replies (
    sms_id INTEGER NOT NULL,
    virtual_number TEXT NOT NULL,
    PRIMARY KEY (sms_id, virtual_number)
) STRICT, WITHOUT ROWID;
"""
# What the caller of a message waits for is one row: with what `messages`, `deliveries`
# and their indexes have of it, the disk would take longer. It is sorted in afterwards.
_FOURTH: Final = """
CREATE TABLE intake (
    place INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL,
    tag TEXT NOT NULL,
    own_tag INTEGER NOT NULL,
    state TEXT NOT NULL,
    run TEXT NOT NULL,
    can_wait INTEGER NOT NULL,
    created_at REAL NOT NULL,
    send_at REAL,
    deadline REAL NOT NULL,
    job TEXT NOT NULL,
    whole TEXT NOT NULL,
    shortened INTEGER NOT NULL,
    bypass_limits INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    receivers TEXT NOT NULL
) STRICT;
"""
MIGRATIONS: Final = (_FIRST, _SECOND, _THIRD, _FOURTH)
SCHEMA_VERSION: Final = len(MIGRATIONS)
TABLES: Final = frozenset({"facts", "messages", "deliveries", "replies", "intake"})
_COLUMNS: Final = (
    "message_id, tag, own_tag, state, run, can_wait, created_at, send_at, deadline, job,"
    " whole, shortened, bypass_limits, parts"
)
TAKE_IN: Final = (
    f"INSERT INTO intake ({_COLUMNS}, receivers)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
# What is there already stays as it is: one message must not keep all from being read.
SORT_IN: Final = f"""
INSERT OR IGNORE INTO messages ({_COLUMNS}, changed_at, handed_at, text_mark)
    SELECT {_COLUMNS}, created_at, created_at, mark(whole) FROM intake ORDER BY place;
INSERT OR IGNORE INTO deliveries
        (message_id, position, number, number_mark, recipient_id, state)
    SELECT message_id, key, value ->> 0, mark(value ->> 0), value ->> 1, state
    FROM intake, json_each(receivers);
DELETE FROM intake
""".split(";")
