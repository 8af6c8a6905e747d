-- What is told to people: mails, their texts, and links to the tracking page.
CREATE SCHEMA notifications;

-- The outbox. Personal data: see platform/privacy.py. A claim moves due_at on, so that it is also
-- the retry of a try that was cut off.
CREATE TABLE notifications.mail (
    id uuid PRIMARY KEY,
    key text COLLATE "C" NOT NULL UNIQUE,
    kind text COLLATE "C" NOT NULL,
    order_id uuid,
    recipient text NOT NULL,
    subject text NOT NULL,
    body_text text NOT NULL,
    body_html text NOT NULL,
    reply_to text NOT NULL DEFAULT '',
    sender_name text NOT NULL DEFAULT '',
    locale text COLLATE "C" NOT NULL,
    author text NOT NULL DEFAULT '',
    state text COLLATE "C" NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'sent', 'failed')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    error text NOT NULL DEFAULT '',
    due_at timestamptz,
    expires_at timestamptz,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    CHECK ((state = 'waiting') = (due_at IS NOT NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX mail_due ON notifications.mail (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX mail_order ON notifications.mail (order_id, id) WHERE order_id IS NOT NULL;
CREATE INDEX mail_failed ON notifications.mail (id DESC) WHERE state = 'failed';

-- Texts as they were edited; the newest version counts. Without one the text that came along does.
CREATE TABLE notifications.template (
    kind text COLLATE "C" NOT NULL,
    locale text COLLATE "C" NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    subject text NOT NULL,
    body text NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (kind, locale, version)
);

CREATE TABLE notifications.channel_mails (
    channel_id uuid PRIMARY KEY,
    kinds text[] NOT NULL,
    locale text COLLATE "C" NOT NULL,
    contact text NOT NULL,
    logo text NOT NULL,
    accent text COLLATE "C" NOT NULL,
    version bigint NOT NULL
);

-- A secret: whoever knows the token sees the order's public page.
CREATE TABLE notifications.tracking_link (
    token text COLLATE "C" PRIMARY KEY CHECK (length(token) >= 32),
    order_id uuid NOT NULL UNIQUE,
    made_at timestamptz NOT NULL
);
