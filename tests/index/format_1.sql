PRAGMA page_size=4096;
BEGIN TRANSACTION;
DROP TABLE IF EXISTS accounts;
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    stamp TEXT NOT NULL,
    code TEXT,
    message TEXT,
    at INTEGER
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS acknowledged;
CREATE TABLE acknowledged (
    video TEXT PRIMARY KEY,
    until INTEGER,
    why TEXT NOT NULL,
    at INTEGER NOT NULL,
    lost INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO acknowledged VALUES('v2',NULL,'known',1790000000,0);
DROP TABLE IF EXISTS answered;
CREATE TABLE answered (
    video TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    has_it INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS asked;
CREATE TABLE asked (
    video TEXT PRIMARY KEY,
    last TEXT NOT NULL,
    tried TEXT NOT NULL CHECK (json_valid(tried))
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS attempts;
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
INSERT INTO attempts VALUES('v2','media',1,'PRIVATE','permanent','timed out',NULL,1,1790000000,1790000000,1790000060,1,1790000000,'download');
DROP TABLE IF EXISTS catalogues;
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
DROP TABLE IF EXISTS channels;
CREATE TABLE channels (
    address TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    title TEXT,
    handle TEXT,
    description TEXT,
    resolved_at INTEGER NOT NULL,
    moved_to TEXT
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS claims;
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
INSERT INTO claims VALUES(1,'1||',1,0,0,20000000000002,1,0,1,0,'["b"]','[]','[]');
INSERT INTO claims VALUES(2,'2||',1,0,0,20000010000001,2,0,1,0,'["a"]','[]','[]');
DROP TABLE IF EXISTS corrupt;
CREATE TABLE corrupt (
    video TEXT NOT NULL,
    name TEXT NOT NULL,
    why TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (video, name)
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS drifts;
CREATE TABLE drifts (
    video TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    told TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS egress;
CREATE TABLE egress (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO egress VALUES('guest','{"careful_rate":0.0,"careful_until":0,"day":0,"name":"guest","open_until":0,"openings":0,"pause_until":0,"probe":null,"rate":12.5,"rate_at":0,"spent":[],"spent_today":0,"strike_code":null,"strikes":0,"struck_at":0}');
DROP TABLE IF EXISTS entries;
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
INSERT INTO entries VALUES(1,'a',0,'playlist','c7e9d68a4cde74f3f65c26fa75f4955c82abae69028255e96e7d67fc571976f9',1,0,'listed',0,'{"file":"","include":["videos"],"interval_seconds":21600,"keep":{"last":null,"max_age_seconds":null},"kind":"playlist","library":null,"line":0,"name":"a","order":"listed","pins":[],"policies":{"when_deleted_locally":null,"when_removed_from_source":null,"when_unavailable":null,"when_unwanted":null},"priority":0,"source":"PL-a","suspend":false,"videos":[],"where":{"avoid":[],"duration":[null,null],"kinds":[],"languages":[],"live":"want","match":[],"members_only":"want","running":"want","since":null,"until":null},"wish":{"audio":null,"captions":[],"container":"mkv","cuts":[],"embed":[],"identities":[],"live":"wait","marks":[],"sidecars":[],"sound":null,"video":{"codecs":["av1","vp9","h264"],"codecs_only":false,"fallback":["any"],"fps":60,"hdr":"never","max":1080,"min":null}}}',NULL,0,NULL,NULL,NULL);
INSERT INTO entries VALUES(2,'b',1,'videos','708b25e5191b8b429532752b5132c7f1643a2d04c5586acd0f689d83f7d5be50',1,0,'newest',0,'{"file":"","include":["videos"],"interval_seconds":21600,"keep":{"last":null,"max_age_seconds":null},"kind":"videos","library":null,"line":0,"name":"b","order":"newest","pins":[],"policies":{"when_deleted_locally":null,"when_removed_from_source":null,"when_unavailable":null,"when_unwanted":null},"priority":0,"source":"videos:b","suspend":false,"videos":["v3"],"where":{"avoid":[],"duration":[null,null],"kinds":[],"languages":[],"live":"want","match":[],"members_only":"want","running":"want","since":null,"until":null},"wish":{"audio":null,"captions":[],"container":"mkv","cuts":[],"embed":[],"identities":[],"live":"wait","marks":[],"sidecars":[],"sound":null,"video":{"codecs":["av1","vp9","h264"],"codecs_only":false,"fallback":["any"],"fps":60,"hdr":"never","max":1080,"min":null}}}',NULL,0,NULL,NULL,NULL);
DROP TABLE IF EXISTS entry_sources;
CREATE TABLE entry_sources (
    entry INTEGER NOT NULL REFERENCES entries (id),
    source INTEGER NOT NULL REFERENCES sources (id),
    place INTEGER NOT NULL,
    kind TEXT NOT NULL,
    part TEXT,
    PRIMARY KEY (entry, source)
) STRICT, WITHOUT ROWID;
INSERT INTO entry_sources VALUES(1,2,0,'playlist',NULL);
INSERT INTO entry_sources VALUES(2,1,0,'videos',NULL);
CREATE INDEX entry_sources_by_source ON entry_sources (source);
DROP TABLE IF EXISTS errands;
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
CREATE INDEX errands_by_parent ON errands (parent, state);
CREATE INDEX errands_open ON errands (subject) WHERE state IN ('pending', 'running');
DROP TABLE IF EXISTS feeds;
CREATE TABLE feeds (
    key TEXT PRIMARY KEY,
    fingerprint TEXT,
    at INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    code TEXT,
    next_due_at INTEGER
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS halts;
CREATE TABLE halts (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS item_facts;
CREATE TABLE item_facts (
    video TEXT PRIMARY KEY,
    facts BLOB NOT NULL
) STRICT;
INSERT INTO item_facts VALUES('v1',X'6D94410A80201045EFD23A420B0BBA8B8B286A1513992BE9EE8D8EC694BA521915FCEF8DAB60F582E13FB6080C9CFB749930DF00CB5CC1A4826EB95CBD6C942F9D276B50DD08FA02C7E59FA225C5308ABA32607D92F22E79F35A9ABC4B273FC10D312686458A997060FC718612C681D8CC06564832754C9A9F9871B7A03949ADB350C803BC52E9371F25C2F8B7DDAC114AA1EF07');
INSERT INTO item_facts VALUES('v3',X'6D94410A80201045EFD23A420B0BBA8B8B286A1513992BE9EE8D8EC694BA521915FCEF8DAB60F582E13FB6080C9CFB749930DF00CB5CC1A4826EB95CBD6C942F9D276B50DD08FA02C7E59FA225C5308ABA32607D92F22E79F35A9ABC4B273FC10D312686458A997060FC718612C681D8CC06564832754C9A9F9871B7A03949ADB350C803BC52E9371F25C2F8B7DDAC114AA1EF07');
DROP TABLE IF EXISTS items;
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
INSERT INTO items VALUES('v1','_',1,'whole',1010,7,1790000000,NULL,NULL,NULL,'2024-05-01',NULL,'Channel','h264',0);
INSERT INTO items VALUES('v3','_',2,'whole',1010,7,1790000000,NULL,NULL,NULL,'2024-05-01',NULL,'Channel','h264',0);
CREATE INDEX items_by_late ON items (late) WHERE late IS NOT NULL;
CREATE INDEX items_by_late_due ON items (late_due_at) WHERE late_due_at IS NOT NULL;
CREATE INDEX items_by_shard ON items (shard, day, episode);
DROP TABLE IF EXISTS jobs;
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
INSERT INTO jobs VALUES('job-1','fetch','v1','ended',1,1790000000,1790000005,'done',NULL,NULL);
CREATE INDEX jobs_by_start ON jobs (started_at);
CREATE INDEX jobs_running ON jobs (subject) WHERE state = 'running';
DROP TABLE IF EXISTS kept;
CREATE TABLE kept (
    video TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS let_go;
CREATE TABLE let_go (
    video TEXT PRIMARY KEY,
    how TEXT NOT NULL CHECK (how IN ('quarantine', 'delete', 'respect', 'missing')),
    why TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS listings;
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
INSERT INTO listings VALUES(2,'complete',2,2,'List PL-a',NULL,1790000000,1790000000,1790003600,'["v1", "v2"]',2,'worker',NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL);
DROP TABLE IF EXISTS lowered;
CREATE TABLE lowered (
    video TEXT PRIMARY KEY,
    why TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS memberships;
CREATE TABLE memberships (
    source INTEGER NOT NULL,
    video TEXT NOT NULL,
    position INTEGER NOT NULL,
    added_at INTEGER,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER,
    PRIMARY KEY (source, video)
) STRICT, WITHOUT ROWID;
INSERT INTO memberships VALUES(1,'v3',0,NULL,1790000000,NULL);
INSERT INTO memberships VALUES(2,'v1',0,NULL,1790000000,NULL);
INSERT INTO memberships VALUES(2,'v2',1,NULL,1790000000,NULL);
CREATE INDEX memberships_by_video ON memberships (video, source) WHERE last_seen_at IS NULL;
CREATE INDEX memberships_left ON memberships (video, source) WHERE last_seen_at IS NOT NULL;
DROP TABLE IF EXISTS meta;
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value ANY
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES('archive_id','archive-1');
INSERT INTO meta VALUES('closed',1);
INSERT INTO meta VALUES('quota_clock','{"behind_since":null,"latest":"2026-09-21","paused_until":"1970-01-01T00:00:00Z"}');
INSERT INTO meta VALUES('resolved_by','0.1.0');
INSERT INTO meta VALUES('revision',8);
DROP TABLE IF EXISTS quota;
CREATE TABLE quota (
    day TEXT NOT NULL,
    purpose TEXT NOT NULL,
    units INTEGER NOT NULL,
    PRIMARY KEY (day, purpose)
) STRICT, WITHOUT ROWID;
INSERT INTO quota VALUES('2026-09-21','look',3);
DROP TABLE IF EXISTS remade;
CREATE TABLE remade (
    video TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS removals_confirmed;
CREATE TABLE removals_confirmed (
    video TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS renamed;
CREATE TABLE renamed (
    video TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS requests;
CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    video TEXT NOT NULL,
    wish INTEGER NOT NULL REFERENCES targets (id),
    at INTEGER NOT NULL,
    UNIQUE (video, wish)
) STRICT;
DROP TABLE IF EXISTS retold;
CREATE TABLE retold (
    video TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS sources;
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO sources VALUES(1,'videos:b');
INSERT INTO sources VALUES(2,'PL-a');
DROP TABLE IF EXISTS stock;
CREATE TABLE stock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    taken_at INTEGER NOT NULL,
    good_until INTEGER NOT NULL,
    complete INTEGER NOT NULL
) STRICT;
DROP TABLE IF EXISTS stock_claims;
CREATE TABLE stock_claims (
    claim INTEGER PRIMARY KEY,
    videos INTEGER NOT NULL,
    settled INTEGER NOT NULL
) STRICT;
DROP TABLE IF EXISTS stock_videos;
CREATE TABLE stock_videos (
    video TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS targets;
CREATE TABLE targets (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    json TEXT NOT NULL
) STRICT;
INSERT INTO targets VALUES(1,'dc79820accd58d07452594b5f68716ea185a5e52d939e8e4d6098ac14538fdc4','{"audio":null,"captions":[],"container":"mkv","cuts":[],"embed":[],"identities":[],"live":"wait","marks":[],"sidecars":[],"sound":null,"video":{"codecs":["av1","vp9","h264"],"codecs_only":false,"fallback":["any"],"fps":60,"hdr":"never","max":1080,"min":null}}');
INSERT INTO targets VALUES(2,'5c02a3aa89c54df51cd013dad4cc7e45ae7f0dae70a56f4e624911189cd3dbb3','{"audio":null,"captions":[],"container":"mkv","cuts":[],"embed":[],"identities":[],"live":"wait","marks":[],"sidecars":[],"sound":null,"video":{"codecs":["av1","vp9","h264"],"codecs_only":false,"fallback":["any"],"fps":60,"hdr":"never","max":480,"min":null}}');
DROP TABLE IF EXISTS texts;
CREATE TABLE texts (
    video TEXT NOT NULL,
    field TEXT NOT NULL CHECK (field IN ('title', 'description', 'channel', 'availability')),
    n INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    value ANY NOT NULL,
    PRIMARY KEY (video, field, n)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER said_otherwise AFTER INSERT ON texts WHEN NEW.field <> 'description' OR NEW.n > 1
BEGIN
    INSERT INTO retold SELECT NEW.video WHERE NOT EXISTS (SELECT 1 FROM retold WHERE video = NEW.video);
END;
DROP TABLE IF EXISTS tombstones;
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
DROP TABLE IF EXISTS unjudged;
CREATE TABLE unjudged (
    video TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS unshown;
CREATE TABLE unshown (
    video TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS verdicts;
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
DROP TABLE IF EXISTS verified;
CREATE TABLE verified (
    video TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
DROP TABLE IF EXISTS videos;
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
INSERT INTO videos VALUES('v1','Title of v1','Channel','UCxxxxxxxxxxxxxxxxxxxxxx',61.5,'2024-05-01',NULL,NULL,1714521600,1714607999,NULL,NULL,1790000000,1790000000,1790000000,NULL,'extraction');
INSERT INTO videos VALUES('v2','Title of v2',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1790000000,1790000000,NULL,NULL,'listing');
INSERT INTO videos VALUES('v3','Title of v3','Channel','UCxxxxxxxxxxxxxxxxxxxxxx',61.5,'2024-05-01',NULL,NULL,1714521600,1714607999,NULL,NULL,1790000000,1790000000,1790000000,NULL,'extraction');
CREATE TRIGGER availability_changed AFTER UPDATE OF availability ON videos
WHEN OLD.availability IS NOT NULL AND NEW.availability IS NOT NULL AND OLD.availability <> NEW.availability
BEGIN
    INSERT INTO texts
    SELECT OLD.id, 'availability', coalesce(max(n), 0) + 1, coalesce(OLD.seen_at, 0), OLD.availability
    FROM texts WHERE video = OLD.id AND field = 'availability';
END;
CREATE TRIGGER channel_renamed AFTER UPDATE OF channel ON videos
WHEN OLD.channel IS NOT NULL AND NEW.channel IS NOT NULL AND OLD.channel <> NEW.channel
BEGIN
    INSERT INTO texts
    SELECT OLD.id, 'channel', coalesce(max(n), 0) + 1, coalesce(OLD.seen_at, 0), OLD.channel
    FROM texts WHERE video = OLD.id AND field = 'channel';
END;
CREATE TRIGGER retitled AFTER UPDATE OF title ON videos WHEN OLD.title IS NOT NEW.title AND OLD.title IS NOT NULL
BEGIN
    INSERT INTO texts
    SELECT OLD.id, 'title', coalesce(max(n), 0) + 1, coalesce(OLD.titled_at, 0), OLD.title
    FROM texts WHERE video = OLD.id AND field = 'title';
    INSERT INTO renamed SELECT OLD.id WHERE NOT EXISTS (SELECT 1 FROM renamed WHERE video = OLD.id);
END;
DROP TABLE IF EXISTS views;
CREATE TABLE views (
    view TEXT NOT NULL,
    path TEXT NOT NULL,
    video TEXT NOT NULL,
    dev INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    layout TEXT NOT NULL,
    PRIMARY KEY (view, path)
) STRICT, WITHOUT ROWID;
INSERT INTO views VALUES('tv','Title [v1].mkv','v1',1,2,'');
CREATE INDEX views_by_video ON views (video);
DROP TABLE IF EXISTS wanted;
CREATE TABLE wanted (
    video TEXT PRIMARY KEY,
    claim INTEGER NOT NULL REFERENCES claims (id)
) STRICT, WITHOUT ROWID;
INSERT INTO wanted VALUES('v1',2);
INSERT INTO wanted VALUES('v2',2);
INSERT INTO wanted VALUES('v3',1);
DELETE FROM main.sqlite_sequence WHERE name='entries';
INSERT INTO main.sqlite_sequence VALUES ('entries', 2);
pragma user_version=1;
pragma application_id=2037670258;
COMMIT TRANSACTION;
PRAGMA user_version = 1;
