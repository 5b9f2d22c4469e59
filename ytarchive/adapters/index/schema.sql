-- The index, format 1: a cache of the disk and of listings, and of what may be lost.
--
-- Videos are keyed by their id everywhere, so that the scans over a million of them walk all tables in one order.
-- Targets, sources and claims are interned as small integers: what a million rows repeat is stored once.

PRAGMA application_id = 2037670258;  -- "ytar"

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value ANY
) STRICT, WITHOUT ROWID;

-- What one video must have: the wish of an entry, of a request, or several of them united.
CREATE TABLE targets (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    json TEXT NOT NULL
) STRICT;

-- A playlist, a channel, the ids of a manifest ("videos:<name>"), or what was asked for by hand ("request:").
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- `spec` is the whole entry as JSON; the columns beside it are what claims are resolved from.
CREATE TABLE entries (
    name TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    source INTEGER NOT NULL REFERENCES sources (id),
    generation TEXT NOT NULL,
    wish INTEGER NOT NULL REFERENCES targets (id),
    priority INTEGER NOT NULL,
    work_order TEXT NOT NULL,
    spec TEXT NOT NULL
) STRICT;

-- What a person asked for with `download`: a wish that is united with the entries'.
CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    video TEXT NOT NULL,
    wish INTEGER NOT NULL REFERENCES targets (id),
    at INTEGER NOT NULL,
    UNIQUE (video, wish)
) STRICT;

-- The last look at a source. `completeness` tells of what is held, not of the last attempt; `first_ids` and `length`
-- are the first lines as they were listed, so that one look can say "unchanged". `attempts` counts failures in a row.
CREATE TABLE listings (
    source INTEGER PRIMARY KEY REFERENCES sources (id),
    completeness TEXT,
    expected INTEGER,
    got INTEGER NOT NULL DEFAULT 0,
    title TEXT,
    why TEXT,
    at INTEGER,
    full_at INTEGER,
    next_due_at INTEGER,
    first_ids TEXT,
    length INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    code TEXT,
    kind TEXT,
    message TEXT,
    status INTEGER,
    first_failed_at INTEGER,
    failed_at INTEGER
) STRICT;

-- `last_seen_at` is null while the video is in the source. Once gone, it is the last time that a listing showed it.
CREATE TABLE memberships (
    source INTEGER NOT NULL,
    video TEXT NOT NULL,
    position INTEGER NOT NULL,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER,
    PRIMARY KEY (source, video)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_video ON memberships (video, source) WHERE last_seen_at IS NULL;

CREATE TABLE videos (
    id TEXT PRIMARY KEY,
    title TEXT,
    channel TEXT,
    channel_id TEXT,
    duration_seconds REAL,
    uploaded_on TEXT,
    availability TEXT,
    live_status TEXT,
    seen_at INTEGER
) STRICT, WITHOUT ROWID;

-- One row for each distinct set of sources and requests that any video has: `key` is "source,source|wish,wish".
-- A changed wish is written here once, however many videos it concerns. `target` is null when no entry wants these.
-- `rank` orders claims (priority, single videos first, the entry's place in the manifests); `lead_source` and
-- `direction` order the videos within one.
CREATE TABLE claims (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    target INTEGER REFERENCES targets (id),
    priority INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    lead_source INTEGER,
    direction INTEGER NOT NULL,
    entries TEXT NOT NULL CHECK (json_valid(entries))
) STRICT;

-- Every video of every source; it is wanted when its claim has a target.
CREATE TABLE wanted (
    video TEXT PRIMARY KEY,
    claim INTEGER NOT NULL REFERENCES claims (id)
) STRICT, WITHOUT ROWID;

-- What is on disk. `got` is the target that the item was found to answer; null when nobody could read its item.json.
CREATE TABLE items (
    video TEXT PRIMARY KEY,
    shard TEXT NOT NULL,
    got INTEGER REFERENCES targets (id),
    condition TEXT NOT NULL CHECK (condition IN ('whole', 'partial', 'damaged')),
    bytes INTEGER NOT NULL,
    dir_mtime_ns INTEGER NOT NULL,
    committed_at INTEGER NOT NULL,
    captions_due_at INTEGER,
    damage TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX items_by_shard ON items (shard);  -- a scan of the archive goes shard by shard
CREATE INDEX items_by_captions_due ON items (captions_due_at) WHERE captions_due_at IS NOT NULL;

-- Apart from `items`, so that scans of those stay small: read only when a target changed.
CREATE TABLE item_facts (
    video TEXT PRIMARY KEY,
    facts BLOB NOT NULL
) STRICT;

CREATE TABLE views (
    view TEXT NOT NULL,
    path TEXT NOT NULL,
    video TEXT NOT NULL,
    dev INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    PRIMARY KEY (view, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX views_by_video ON views (video);

-- Failed attempts in a row of one part: "media", "captions:en". `target` is what was tried for.
CREATE TABLE attempts (
    video TEXT NOT NULL,
    part TEXT NOT NULL,
    n INTEGER NOT NULL,
    code TEXT NOT NULL,
    kind TEXT NOT NULL,
    message TEXT NOT NULL,
    status INTEGER,
    target INTEGER REFERENCES targets (id),
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    PRIMARY KEY (video, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT,
    code TEXT,
    message TEXT
) STRICT;
CREATE INDEX jobs_running ON jobs (subject) WHERE state = 'running';
CREATE INDEX jobs_by_start ON jobs (started_at);

-- `video` may also be a source: a playlist that cannot be listed is ignored the same way. `until` null: for good.
CREATE TABLE acknowledged (
    video TEXT PRIMARY KEY,
    until INTEGER,
    why TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE egress (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE quota (
    day TEXT NOT NULL,
    purpose TEXT NOT NULL,
    units INTEGER NOT NULL,
    PRIMARY KEY (day, purpose)
) STRICT, WITHOUT ROWID;
