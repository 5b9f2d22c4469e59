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

-- Where videos come from, by the names of `core.sources`: a playlist, a channel as it was written, a list of
-- playlists, the ids of a manifest ("videos:<entry>", "pins:<entry>"), or what was asked for by hand ("request:").
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- `spec` is the whole entry as JSON; the columns beside it are what claims are resolved from.
-- `filter` is the digest of its filter; null when it has none. `judged_by` is the filter that its verdicts were made
-- by, null when all its videos are to be judged again; `judged_at` when that was, `judge_again_at` when time alone
-- changes one of them. `counted`: its filter looks at all videos together (`keep.last`).
CREATE TABLE entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    generation TEXT NOT NULL,
    wish INTEGER NOT NULL REFERENCES targets (id),
    priority INTEGER NOT NULL,
    work_order TEXT NOT NULL,
    suspended INTEGER NOT NULL,
    spec TEXT NOT NULL,
    filter TEXT,
    counted INTEGER NOT NULL DEFAULT 0,
    judged_by TEXT,
    judged_at INTEGER,
    judge_again_at INTEGER
) STRICT;

-- What `core.sources.sources_of` gives for each entry, in that order (`place`), as far as it is known by now.
CREATE TABLE entry_sources (
    entry INTEGER NOT NULL REFERENCES entries (id),
    source INTEGER NOT NULL REFERENCES sources (id),
    place INTEGER NOT NULL,
    kind TEXT NOT NULL,
    part TEXT,
    PRIMARY KEY (entry, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_sources_by_source ON entry_sources (source);

-- Who a channel is that a manifest names. The id first found stays; `moved_to` is another one that the same address
-- leads to by now.
CREATE TABLE channels (
    address TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    title TEXT,
    handle TEXT,
    description TEXT,
    resolved_at INTEGER NOT NULL,
    moved_to TEXT
) STRICT, WITHOUT ROWID;

-- The playlists of a list of playlists. `last_seen_at` as in `memberships`.
CREATE TABLE catalogues (
    source INTEGER NOT NULL REFERENCES sources (id),
    playlist TEXT NOT NULL,
    position INTEGER NOT NULL,
    title TEXT,
    count INTEGER,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER,
    PRIMARY KEY (source, playlist)
) STRICT, WITHOUT ROWID;

-- What a feed showed when it was last read (a fingerprint), and its failures in a row since. `at` is the last answer.
CREATE TABLE feeds (
    key TEXT PRIMARY KEY,
    fingerprint TEXT,
    at INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    code TEXT,
    next_due_at INTEGER
) STRICT, WITHOUT ROWID;

-- What a person asked for with `download`: a wish that is united with the entries'.
CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    video TEXT NOT NULL,
    wish INTEGER NOT NULL REFERENCES targets (id),
    at INTEGER NOT NULL,
    UNIQUE (video, wish)
) STRICT;

-- The last look at a source. `completeness` tells of what is held, not of the last attempt; "shrunken": the last
-- complete look lacked so much that it took nothing away, `shrunken_at` is the first such look in a row. `first_ids` and
-- `length` are the first lines as they were listed, so that one look can say "unchanged". `via` is who told ("worker",
-- "api"). `attempts` counts failures in a row, `looks` and `looked_at` as in `attempts`.
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
    via TEXT,
    shrunken_at INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    code TEXT,
    kind TEXT,
    message TEXT,
    status INTEGER,
    first_failed_at INTEGER,
    failed_at INTEGER,
    looks INTEGER NOT NULL DEFAULT 0,
    looked_at INTEGER
) STRICT;

-- `last_seen_at` is null while the video is in the source. Once gone, it is the last time that a listing showed it.
-- Only the order of positions means anything: they may begin below 0 and have gaps, so that what is new in front of a
-- long list moves nothing. `added_at` is when the list's owner put it there, where that was ever told.
CREATE TABLE memberships (
    source INTEGER NOT NULL,
    video TEXT NOT NULL,
    position INTEGER NOT NULL,
    added_at INTEGER,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER,
    PRIMARY KEY (source, video)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_video ON memberships (video, source) WHERE last_seen_at IS NULL;
CREATE INDEX memberships_left ON memberships (video, source) WHERE last_seen_at IS NOT NULL;

-- What was last told of a video. It was published at some time from `published_from` to `published_to`. `seen_at` is
-- when something in it last changed and `told_by` who told that: "listing", "feed", "api" or "extraction";
-- `titled_at` when this title was first seen. `examined_at` is the last reading of the video's own page, `details_at`
-- the last answer of the Data API.
CREATE TABLE videos (
    id TEXT PRIMARY KEY,
    title TEXT,
    channel TEXT,
    channel_id TEXT,
    duration_seconds REAL,
    uploaded_on TEXT,
    availability TEXT,
    live_status TEXT,
    published_from INTEGER,
    published_to INTEGER,
    kind TEXT,
    language TEXT,
    seen_at INTEGER,
    titled_at INTEGER,
    examined_at INTEGER,
    details_at INTEGER,
    told_by TEXT
) STRICT, WITHOUT ROWID;

-- Titles, channel's names and availabilities of before, and every description, deflated: what was said since `seen_at`,
-- in the order of `n`. What is said now is in `videos` alone, apart from descriptions.
CREATE TABLE texts (
    video TEXT NOT NULL,
    field TEXT NOT NULL CHECK (field IN ('title', 'description', 'channel', 'availability')),
    n INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    value ANY NOT NULL,
    PRIMARY KEY (video, field, n)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER retitled AFTER UPDATE OF title ON videos WHEN OLD.title IS NOT NEW.title AND OLD.title IS NOT NULL
BEGIN
    INSERT INTO texts
    SELECT OLD.id, 'title', coalesce(max(n), 0) + 1, coalesce(OLD.titled_at, 0), OLD.title
    FROM texts WHERE video = OLD.id AND field = 'title';
    INSERT INTO renamed SELECT OLD.id WHERE NOT EXISTS (SELECT 1 FROM renamed WHERE video = OLD.id);
END;

CREATE TRIGGER channel_renamed AFTER UPDATE OF channel ON videos
WHEN OLD.channel IS NOT NULL AND NEW.channel IS NOT NULL AND OLD.channel <> NEW.channel
BEGIN
    INSERT INTO texts
    SELECT OLD.id, 'channel', coalesce(max(n), 0) + 1, coalesce(OLD.seen_at, 0), OLD.channel
    FROM texts WHERE video = OLD.id AND field = 'channel';
END;

CREATE TRIGGER availability_changed AFTER UPDATE OF availability ON videos
WHEN OLD.availability IS NOT NULL AND NEW.availability IS NOT NULL AND OLD.availability <> NEW.availability
BEGIN
    INSERT INTO texts
    SELECT OLD.id, 'availability', coalesce(max(n), 0) + 1, coalesce(OLD.seen_at, 0), OLD.availability
    FROM texts WHERE video = OLD.id AND field = 'availability';
END;

-- Videos of which something else is said than before: their items' histories are to be written.
CREATE TABLE retold (
    video TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TRIGGER said_otherwise AFTER INSERT ON texts WHEN NEW.field <> 'description' OR NEW.n > 1
BEGIN
    INSERT INTO retold SELECT NEW.video WHERE NOT EXISTS (SELECT 1 FROM retold WHERE video = NEW.video);
END;

-- Videos that got another title since the library was last brought up to date.
CREATE TABLE renamed (
    video TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- A video that YouTube says is gone: since when, by the last word (`code`, in its own words `message`). `looks` and `looked_at` as in `attempts`; two
-- looks confirm it.
CREATE TABLE tombstones (
    video TEXT PRIMARY KEY,
    code TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    confirmed_at INTEGER,
    looks INTEGER NOT NULL,
    looked_at INTEGER NOT NULL,
    message TEXT
) STRICT, WITHOUT ROWID;

-- What filters leave out: a row for each video of an entry's sources that the entry does not want (excluded), or of
-- which it cannot say yet (undecided); none for the wanted ones. `rule` and `why` as in `core.filters.Verdict`.
CREATE TABLE verdicts (
    entry INTEGER NOT NULL REFERENCES entries (id),
    video TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('excluded', 'undecided')),
    rule TEXT,
    why TEXT,
    PRIMARY KEY (entry, video)
) STRICT, WITHOUT ROWID;
CREATE INDEX verdicts_by_video ON verdicts (video, entry, outcome);
CREATE INDEX verdicts_undecided ON verdicts (video) WHERE outcome = 'undecided';

-- Videos of which something became known, or that came into a source or left one, since filters last looked.
CREATE TABLE unjudged (
    video TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- One row for each distinct set of sources, requests and verdicts that any video has: `key` is
-- "source,source|wish,wish|entry" with x for excluded and u for undecided behind an entry, "|let-go" behind it where only
-- a person's request counts, and "|lowered" behind it all where a person takes any quality. A changed wish is written here once, however many videos it concerns.
-- `entries` want these videos; where none does and a filter waits for more, `undecided` is 1, `entries` are those whose
-- filter waits and `target` is what they would want. `target` is null when nobody wants these. `doubtful` are all
-- entries whose filter waits, `left_out` those that do not want them: by their filter, or because they are suspended.
-- `rank` orders claims (priority, single videos first, the entry's place in the manifests). Within one entry videos are
-- ordered by their date (`dated`: -1 newest first, 1 oldest first, 0 not), then `lead_place` (the place of
-- `lead_source` among the entry's sources), then by position there, in `direction`.
CREATE TABLE claims (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    target INTEGER REFERENCES targets (id),
    undecided INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    lead_source INTEGER,
    lead_place INTEGER NOT NULL,
    direction INTEGER NOT NULL,
    dated INTEGER NOT NULL,
    entries TEXT NOT NULL CHECK (json_valid(entries)),
    doubtful TEXT NOT NULL CHECK (json_valid(doubtful)),
    left_out TEXT NOT NULL CHECK (json_valid(left_out))
) STRICT;

-- Every video of every source; it is wanted when its claim has a target.
CREATE TABLE wanted (
    video TEXT PRIMARY KEY,
    claim INTEGER NOT NULL REFERENCES claims (id)
) STRICT, WITHOUT ROWID;

-- What the last look over all of `wanted` found, good for one revision, from `taken_at` on and before `good_until`: how
-- many videos each claim has and how many of them are settled, and which ones are not, unless there are too many of them
-- (`complete` is 0).
CREATE TABLE stock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    taken_at INTEGER NOT NULL,
    good_until INTEGER NOT NULL,
    complete INTEGER NOT NULL
) STRICT;

CREATE TABLE stock_claims (
    claim INTEGER PRIMARY KEY,
    videos INTEGER NOT NULL,
    settled INTEGER NOT NULL
) STRICT;

CREATE TABLE stock_videos (
    video TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- What is on disk. `got` is the target that the item was found to answer; null when nobody could read its item.json.
-- `late` is what of it was not offered, as words of `core.late_parts`; null when nothing is missing. It is looked for at
-- `late_due_at`; null: no more.
CREATE TABLE items (
    video TEXT PRIMARY KEY,
    shard TEXT NOT NULL,
    got INTEGER REFERENCES targets (id),
    condition TEXT NOT NULL CHECK (condition IN ('whole', 'partial', 'damaged')),
    bytes INTEGER NOT NULL,
    dir_mtime_ns INTEGER NOT NULL,
    committed_at INTEGER NOT NULL,
    late TEXT,
    late_due_at INTEGER,
    damage TEXT,
    day TEXT,
    episode INTEGER,
    channel TEXT,
    codec TEXT,
    unmanaged INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- `codec` of the picture, or of the sound where there is none. `day` of the upload, the number `episode` that day, and what the channel was called, as item.json has them.
-- `unmanaged`: no entry ever wanted it.
CREATE INDEX items_by_shard ON items (shard, day, episode);  -- a scan of the archive goes shard by shard
CREATE INDEX items_by_late ON items (late) WHERE late IS NOT NULL;
CREATE INDEX items_by_late_due ON items (late_due_at) WHERE late_due_at IS NOT NULL;

-- When the checksums of an item's files were compared last, and the files that were not what item.json says.
-- Lost with the index, they are looked at anew.
CREATE TABLE verified (
    video TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE corrupt (
    video TEXT NOT NULL,
    name TEXT NOT NULL,
    why TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (video, name)
) STRICT, WITHOUT ROWID;

-- How the files of a video were last found not to be as they were left (`core.drift`).
CREATE TABLE drifts (
    video TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    told TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Apart from `items`, so that scans of those stay small: read only when a target changed.
CREATE TABLE item_facts (
    video TEXT PRIMARY KEY,
    facts BLOB NOT NULL
) STRICT;

-- Items whose files became others since they were linked: the process may end between one and the other.
CREATE TABLE remade (
    video TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE views (
    view TEXT NOT NULL,
    path TEXT NOT NULL,
    video TEXT NOT NULL,
    dev INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    layout TEXT NOT NULL,
    PRIMARY KEY (view, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX views_by_video ON views (video);

-- Failed attempts in a row of one part: "media", "captions:en". `stage` is how far the last one came (`core.evidence.Stage`),
-- `target` what was tried for. `looks` on different
-- days agreed on the code, the last of them at `looked_at`: see `core.confirmation`.
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
    looks INTEGER NOT NULL,
    looked_at INTEGER NOT NULL,
    stage TEXT NOT NULL,
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
-- `lost`: YouTube has it no more, and nobody kept it.
CREATE TABLE acknowledged (
    video TEXT PRIMARY KEY,
    until INTEGER,
    why TEXT NOT NULL,
    at INTEGER NOT NULL,
    lost INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Videos of which a person takes whatever quality there is.
CREATE TABLE lowered (
    video TEXT PRIMARY KEY,
    why TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is here no more by a decision, and is not fetched for entries: a pass took it away ("quarantine", "delete"), or a
-- person deleted its files and its entries respect that ("respect"). "missing": so many were gone at once that a person is
-- asked whether that was meant; the journal does not have these.
CREATE TABLE let_go (
    video TEXT PRIMARY KEY,
    how TEXT NOT NULL CHECK (how IN ('quarantine', 'delete', 'respect', 'missing')),
    why TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a person took out of quarantine: it stays whatever policies say.
CREATE TABLE kept (
    video TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a person said may be taken away, though it is much at once. Lost with the index, they are asked again.
CREATE TABLE removals_confirmed (
    video TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Videos that a list named without a title, or as private, when it was last read: they may be there no more.
CREATE TABLE unshown (
    video TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- When YouTube was last asked whether it still has a video that would be taken away, and whether it said so.
CREATE TABLE answered (
    video TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    has_it INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Videos that an account was asked for, with the last one who asked: an account that met the last failure, or that
-- fetched what is here. `tried`: accounts to whom YouTube said no since it last said so to the guest.
CREATE TABLE asked (
    video TEXT PRIMARY KEY,
    last TEXT NOT NULL,
    tried TEXT NOT NULL CHECK (json_valid(tried))
) STRICT, WITHOUT ROWID;

-- Accounts of the settings. `stamp` tells their cookies file from another one; `code` and the rest are there once YouTube
-- refused the cookies of that file.
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    stamp TEXT NOT NULL,
    code TEXT,
    message TEXT,
    at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE egress (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What pauses all downloads: trouble with the engine, the network or the disk; `state` is a `core.halts.Halt`.
CREATE TABLE halts (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE quota (
    day TEXT NOT NULL,
    purpose TEXT NOT NULL,
    units INTEGER NOT NULL,
    PRIMARY KEY (day, purpose)
) STRICT, WITHOUT ROWID;

-- What people asked for as jobs (`core.errand`). `place` is the order in which they came; `parent` is the playlist's job
-- that a video's job belongs to; `begun`: what must be done once was done.
CREATE TABLE errands (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    profile TEXT,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    parent TEXT,
    begun INTEGER NOT NULL,
    message TEXT
) STRICT;
CREATE INDEX errands_open ON errands (subject) WHERE state IN ('pending', 'running');
CREATE INDEX errands_by_parent ON errands (parent, state);
