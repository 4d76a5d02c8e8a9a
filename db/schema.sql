-- The whole schema of flaadestyring as it is now. `db/migration.py` applies it to an empty database, and
-- applies to a database with an earlier schema the files of `migrations/` that it lacks. A test holds
-- that both lead to the same schema. A new column stands last in its table, as a migration adds it.
--
-- Runs unchanged on PostgreSQL 15 to 18 and on TimescaleDB. Where the extension is installed in the
-- database, `position` is a hypertable; elsewhere it is range-partitioned by week. Times are UTC;
-- the unit of every number is in its name.

-- The migrations that the database has, by their files. The highest number is that of its schema.
CREATE TABLE schema_migration (
    number     integer PRIMARY KEY CHECK (number > 0),
    name       text NOT NULL,
    digest     text NOT NULL,
    -- The time of the clock: the transaction may have begun long before it got the lock.
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- History -------------------------------------------------------------------------------------

-- The actor of a change: the name of a `fleet.actor.Actor`.
CREATE DOMAIN actor AS text CHECK (btrim(VALUE) <> '');

-- Tables of history have one shape: `change_id`, the thing that was changed, its new values, `actor`,
-- `at`. The product adds rows, and the database refuses to change or delete them, whoever asks: a
-- history that can be changed proves nothing. A migration that must change one disables the trigger and
-- says why.
--
-- The product must delete some data when its time is over, or because it was private. Such data is no
-- history of acts and stays open to deletion: telemetry, trips, days, quarantine, uploads, and the
-- single days that rounds store (`forget_days`).
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit_entry'
       AND current_setting('flaade.forgets_audit', true) = 'on' THEN
        RETURN NULL;  -- `forget_audit` deletes what its time is over of.
    END IF;
    RAISE restrict_violation USING
        MESSAGE = format('%s of %s is refused: it is history, which is added to and never changed',
                         TG_OP, TG_TABLE_NAME);
END
$$;

-- Who did what --------------------------------------------------------------------------------

-- History: the acts of people and programs, each in the transaction that does it (`db.audit.record`).
-- What parts of the system do by themselves is not here. `account_id` has no foreign key, for an entry must
-- not wait for a change of the account. Each index serves the searches by one thing, the latest entry
-- first.
CREATE TABLE audit_entry (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Values of `db.audit.entry.Act` and `Subject`.
    act        text NOT NULL,
    subject    text NOT NULL,
    subject_id text NOT NULL,
    detail     jsonb NOT NULL,
    -- NULL: a program, or a person at the machine itself.
    account_id bigint,
    source     text NOT NULL,
    actor      actor NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_entry_at ON audit_entry (at, change_id);
CREATE INDEX audit_entry_actor ON audit_entry (actor, at, change_id);
CREATE INDEX audit_entry_act ON audit_entry (act, at, change_id);
CREATE INDEX audit_entry_subject ON audit_entry (subject, subject_id, at, change_id);
CREATE TRIGGER audit_entry_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Deletes the entries of the log from before $1, and returns their number: the one way in which any of
-- them goes. What somebody did lately stays, whatever the settings say.
CREATE FUNCTION forget_audit(before timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    gone bigint;
BEGIN
    IF before > now() - interval '90 days' THEN
        RAISE restrict_violation USING
            MESSAGE = 'the audit log keeps its entries for 90 days at the least';
    END IF;
    PERFORM set_config('flaade.forgets_audit', 'on', true);
    DELETE FROM audit_entry WHERE at < before;
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('flaade.forgets_audit', 'off', true);
    RETURN gone;
END
$$;

-- Refused attempts to sign in that are not in `audit_entry` yet: by account (0: of nobody's name), so that
-- a flood fills neither table. `stopped` counts those of which the password was not looked at, and
-- `sources` has the first networks that they came from.
CREATE TABLE sign_in_refusal (
    account_id bigint PRIMARY KEY,
    refused    bigint NOT NULL,
    stopped    bigint NOT NULL,
    sources    text[] NOT NULL,
    first_at   timestamptz NOT NULL DEFAULT now(),
    last_at    timestamptz NOT NULL DEFAULT now()
);

-- Access --------------------------------------------------------------------------------------

-- The accounts of people. An account is closed and never deleted, as history names it.
CREATE TABLE account (
    account_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name            text NOT NULL CHECK (btrim(name) <> ''),
    -- The name as it is compared: `access.accounts.name_key`.
    name_key        text NOT NULL UNIQUE CHECK (name_key <> ''),
    role            text NOT NULL
                    CHECK (role IN ('administrator', 'fleet_unit', 'department_head', 'reader')),
    departments     text[] NOT NULL DEFAULT '{}',
    -- A hash of the form that argon2id has; NULL until the person sets a password.
    password        text,
    password_set_at timestamptz,
    added_at        timestamptz NOT NULL DEFAULT now(),
    closed_at       timestamptz,
    signed_in_at    timestamptz,
    -- Whether it is the account of a demo, whose links sign in without a password.
    is_demo         boolean NOT NULL DEFAULT false,
    -- Who the person is at the municipality's sign-in (OpenID Connect); NULL of a local account.
    openid_issuer   text,
    openid_subject  text,
    -- Where the person reads mail; NULL: pages wait for them instead.
    email           text CHECK (email <> ''),
    CONSTRAINT departments_of_heads CHECK ((role = 'department_head') = (departments <> '{}')),
    CONSTRAINT whole_password CHECK ((password IS NULL) = (password_set_at IS NULL)),
    CONSTRAINT whole_identity CHECK ((openid_issuer IS NULL) = (openid_subject IS NULL)),
    CONSTRAINT one_way_in CHECK (openid_subject IS NULL OR password IS NULL),
    CONSTRAINT account_identity UNIQUE (openid_issuer, openid_subject)
);

-- An account as others than sign-in see it: without its password.
CREATE VIEW account_shown AS
SELECT account_id, name, name_key, role, departments, password IS NOT NULL AS has_password,
       closed_at IS NOT NULL AS closed, signed_in_at, openid_subject IS NOT NULL AS from_provider, email
FROM account;

-- The outbox: mails in the transaction of what causes them, `access.mail.sender` sends them. `cause` names
-- what a mail is about and to whom, so that one cause makes one mail.
--
-- A mail is `sending` from the moment before its text goes to the server until the server's answer is
-- stored. Whether one arrived whose sender died between the two nobody knows: it becomes `unclear`, and is
-- not sent again unless a person says so.
CREATE TABLE mail (
    mail_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cause      text NOT NULL UNIQUE,
    account_id bigint REFERENCES account,
    recipient  text NOT NULL,
    subject    text NOT NULL,
    body       text NOT NULL,
    state      text NOT NULL DEFAULT 'waiting'
               CHECK (state IN ('waiting', 'sending', 'sent', 'unclear', 'failed', 'dropped')),
    made_at    timestamptz NOT NULL DEFAULT now(),
    next_at    timestamptz NOT NULL DEFAULT now(),
    attempts   integer NOT NULL DEFAULT 0,
    sent_at    timestamptz,
    -- What the server said when it did not take it last; '' before that.
    error      text NOT NULL DEFAULT '',
    -- Who gets it without an account.
    name       text NOT NULL DEFAULT '',
    CHECK ((account_id IS NULL) = (name <> ''))
);
CREATE INDEX mail_due ON mail (next_at, mail_id) WHERE state = 'waiting';
CREATE INDEX mail_left ON mail (mail_id) WHERE state <> 'sent';

-- The network addresses from which people signed in. Each has an allowance of attempts of its own, which
-- is whole again at `full_at`, so that strangers elsewhere cannot keep a person out.
CREATE TABLE account_source (
    account_id   bigint NOT NULL REFERENCES account,
    source       text NOT NULL,
    signed_in_at timestamptz NOT NULL DEFAULT now(),
    full_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, source)
);

-- All other allowances of attempts that are not whole: `access.attempts`. Names and sources share a fixed
-- number of slots, so that the table is bounded whatever strangers try.
CREATE TABLE sign_in_allowance (
    kind    text NOT NULL CHECK (kind IN ('name', 'source', 'password')),
    slot    bigint NOT NULL,
    full_at timestamptz NOT NULL,
    PRIMARY KEY (kind, slot)
);

-- The sessions of people who signed in. The table stores the hash of their tokens only.
CREATE TABLE account_session (
    session_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_sha256 bytea NOT NULL UNIQUE,
    account_id   bigint NOT NULL REFERENCES account,
    began_at     timestamptz NOT NULL DEFAULT now(),
    -- Written at most once a minute.
    seen_at      timestamptz NOT NULL DEFAULT now(),
    source       text NOT NULL,
    agent        text NOT NULL,
    -- The ID token of who came in from the municipality's provider; '' if it was too long. With it they
    -- sign out there, too.
    id_token     text
);
CREATE INDEX account_session_account ON account_session (account_id, session_id);

-- One-time links, by the hash of their tokens. A link that is used is deleted. The link of nobody's
-- account makes the first administrator.
CREATE TABLE account_link (
    token_sha256 bytea PRIMARY KEY,
    account_id   bigint REFERENCES account,
    ends_at      timestamptz NOT NULL
);
CREATE INDEX account_link_account ON account_link (account_id);

-- The tokens of programs, by their hashes. A token is ended and never deleted, as history names it.
CREATE TABLE program_token (
    token_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_sha256 bytea NOT NULL UNIQUE,
    label        text NOT NULL CHECK (btrim(label) <> ''),
    -- Values of `fleet.actor.Permission`.
    permissions  text[] NOT NULL CHECK (permissions <> '{}'),
    -- The last local day on which it works.
    ends_on      date NOT NULL,
    made_by      actor NOT NULL,
    made_at      timestamptz NOT NULL DEFAULT now(),
    -- Written at most once a minute.
    last_used_at timestamptz,
    ended_at     timestamptz
);

-- History: the changes of accounts and of programs' tokens. `content` holds the new values, and never a
-- secret. `subject_id` names rows of two tables, so it has no foreign key.
CREATE TABLE account_change (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject    text NOT NULL CHECK (subject IN ('account', 'token')),
    subject_id bigint NOT NULL,
    content    jsonb NOT NULL,
    actor      actor NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX account_change_subject ON account_change (subject, subject_id, change_id);
CREATE TRIGGER account_change_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON account_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Costs ---------------------------------------------------------------------------------------

-- Kinds of vehicle; `offered` ones may be bought. A kind has either the municipality's own figures
-- (`fixed_kr_year`, `kr_km`, `co2_g_km` and optionally `range_km`, `charge_km_h`) or a `specification`,
-- of the shape `costs.catalogue.Specification`, from which `costs.ownership` computes its figures.
CREATE TABLE vehicle_kind (
    kind          text PRIMARY KEY,
    name          text NOT NULL,
    energy        text NOT NULL
                  CHECK (energy IN ('electric', 'petrol', 'diesel', 'hvo', 'biogas', 'hydrogen',
                                    'bicycle')),
    offers        text[] NOT NULL DEFAULT '{}',
    fixed_kr_year double precision CHECK (fixed_kr_year >= 0),
    kr_km         double precision CHECK (kr_km >= 0),
    co2_g_km      double precision CHECK (co2_g_km >= 0),
    range_km      double precision CHECK (range_km > 0),
    charge_km_h   double precision CHECK (charge_km_h >= 0),
    offered       boolean NOT NULL DEFAULT false,
    source        text NOT NULL,
    specification jsonb,
    -- Limits on a trip, on a day and on the hours of the day, meant for bicycles.
    max_trip_km   double precision CHECK (max_trip_km > 0),
    max_day_km    double precision CHECK (max_day_km > 0),
    window_from   time,
    window_to     time,
    -- The year of the figures.
    year          integer NOT NULL DEFAULT date_part('year', now()),
    note          text NOT NULL DEFAULT '',
    -- The trip class of the kind, one of trips/detect/vehicle_classes.toml: it says how trips are cut.
    trip_class    text NOT NULL DEFAULT 'car',
    CONSTRAINT one_origin
        CHECK (num_nonnulls(specification, fixed_kr_year) = 1
               AND num_nulls(fixed_kr_year, kr_km, co2_g_km) IN (0, 3)),
    CONSTRAINT whole_window
        CHECK (num_nulls(window_from, window_to) <> 1
               AND (window_from < window_to) IS NOT FALSE)
);

-- History: the versions of a kind.
CREATE TABLE vehicle_kind_change (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind      text NOT NULL REFERENCES vehicle_kind,
    content   jsonb NOT NULL,
    actor     actor NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX vehicle_kind_change_kind ON vehicle_kind_change (kind, change_id);
CREATE TRIGGER vehicle_kind_change_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON vehicle_kind_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- History: the names that people gave a capability of `vehicle_kind.offers`. The last name is in force.
-- After an empty name, the name that the product ships is in force.
CREATE TABLE capability_name (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    capability text NOT NULL CHECK (capability <> ''),
    name       text NOT NULL,
    actor      actor NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX capability_name_latest ON capability_name (capability, change_id);
CREATE TRIGGER capability_name_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON capability_name
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- History: the municipality's own figures in place of those that the product ships in
-- `costs/assumptions.toml`, which lists the keys. The last figure of a key and year is in force; a row
-- without a value withdraws the municipality's own figure.
CREATE TABLE assumption (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key        text NOT NULL,
    valid_from integer NOT NULL,
    value      double precision,
    source     text NOT NULL CHECK (source <> ''),
    note       text NOT NULL DEFAULT '',
    actor      actor NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX assumption_key ON assumption (key, valid_from, change_id);
CREATE TRIGGER assumption_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON assumption
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Register ------------------------------------------------------------------------------------

-- A place with a name: a circle around (lat, lon), or a polygon, which is GeoJSON in WGS 84 and contains
-- (lat, lon). Vehicles belong to zones of the kind `depot`.
CREATE TABLE zone (
    zone_id     text PRIMARY KEY,
    name        text NOT NULL,
    -- NULL: a depot that waits for its place.
    lat         double precision CHECK (lat BETWEEN -90 AND 90),
    lon         double precision CHECK (lon BETWEEN -180 AND 180),
    radius_m    double precision CHECK (radius_m > 0),
    kind        text NOT NULL DEFAULT 'depot' CHECK (kind IN ('depot', 'other')),
    polygon     jsonb,
    -- The first and the last local day on which the zone exists; NULL means no bound.
    active_from date,
    active_to   date CHECK (active_to >= active_from),
    -- How many charge points a depot has already; NULL: those that its electric vehicles of today use.
    charge_points integer CHECK (charge_points >= 0),
    CONSTRAINT zone_shape CHECK (
        CASE WHEN lat IS NULL
             THEN kind = 'depot' AND num_nonnulls(lon, radius_m, polygon) = 0
             ELSE lon IS NOT NULL AND (radius_m IS NULL) <> (polygon IS NULL) END
    )
);

CREATE VIEW depot AS
    SELECT zone_id AS depot_id, name, lat, lon, radius_m, charge_points FROM zone WHERE kind = 'depot';

CREATE TABLE vehicle (
    vehicle_id   text PRIMARY KEY,
    name         text NOT NULL,
    kind         text NOT NULL REFERENCES vehicle_kind,
    department   text NOT NULL,
    depot_id     text NOT NULL REFERENCES zone,
    -- The end of a lease, or a planned replacement, after which a fossil vehicle is not renewed.
    contract_end date,
    -- Road vehicles are measured in km, machines in engine hours.
    measured_in  text NOT NULL DEFAULT 'km' CHECK (measured_in IN ('km', 'hours')),
    -- The first day on which it is no longer in the fleet (`in_fleet`). Its history stays.
    retired_at   date,
    -- Its own trip class, where that differs from its kind's (`vehicle_kind.trip_class`).
    trip_class   text,
    -- The capabilities that its trips need; NULL means all that its kind offers.
    needs        text[],
    -- Its odometer, and the day on which that was read, where that is known.
    mileage_km   double precision CHECK (mileage_km >= 0),
    mileage_day  date,
    -- Its registration number, in capitals and without spaces.
    plate        text CHECK (plate <> ''),
    make         text CHECK (make <> ''),
    model        text CHECK (model <> ''),
    model_year   integer,
    first_registered date,
    -- The contract or lease runs from `contract_start` to `contract_end` and allows `contract_km` in all.
    contract_start date,
    contract_km  double precision CHECK (contract_km > 0),
    -- What it costs a year, such as its lease, apart from what its kind costs.
    cost_kr_year double precision CHECK (cost_kr_year >= 0),
    -- It grows with each change of the columns that people edit, so that a person who edits an older state
    -- is told.
    revision     integer NOT NULL DEFAULT 1,
    -- What it brings if it is sold today, and what leaving its contract today costs, in all.
    sale_value_kr double precision CHECK (sale_value_kr >= 0),
    exit_cost_kr double precision CHECK (exit_cost_kr >= 0),
    CONSTRAINT contract_in_order CHECK (contract_start <= contract_end),
    CONSTRAINT day_has_a_reading CHECK (mileage_day IS NULL OR mileage_km IS NOT NULL)
);
-- Two vehicles of the fleet cannot have one registration number; one that retired may have had it before.
CREATE UNIQUE INDEX vehicle_plate ON vehicle (plate) WHERE retired_at IS NULL;
-- By which `vehicle_shown` finds vehicles of one name.
CREATE INDEX vehicle_lower_name ON vehicle (lower(name));

-- Whether a vehicle is in the fleet on a local day, without one today: the one definition of it.
CREATE FUNCTION in_fleet(retired_at date, day date DEFAULT (now() AT TIME ZONE 'Europe/Copenhagen')::date)
RETURNS boolean IMMUTABLE LANGUAGE sql AS $$ SELECT retired_at IS NULL OR retired_at > day $$;

-- History: the rulings of the fleet unit on a vehicle, which override the rules; the last is in force.
-- `needs` is the value of `vehicle.needs` after the ruling.
CREATE TABLE vehicle_ruling (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    vehicle_id text NOT NULL REFERENCES vehicle,
    ruling     text NOT NULL CHECK (ruling IN ('stay', 'go', 'open')),
    needs      text[],
    reason     text NOT NULL CHECK (reason <> ''),
    actor      actor NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX vehicle_ruling_vehicle ON vehicle_ruling (vehicle_id, change_id);
CREATE TRIGGER vehicle_ruling_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON vehicle_ruling
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- History of the things in the register that have no history table of their own: a vehicle, a zone, a closing day, a tracker's seat and rules, a key, the trips of a driving log. `content` holds
-- the new values. `subject_id` names rows of several tables, some of which are deleted, so it has no
-- foreign key.
CREATE TABLE register_change (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject    text NOT NULL
               CHECK (subject IN ('vehicle', 'zone', 'closing_day', 'device', 'key', 'driving_log',
                                  'municipality')),
    subject_id text NOT NULL,
    content    jsonb NOT NULL,
    actor      actor NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX register_change_subject ON register_change (subject, subject_id, change_id);
CREATE TRIGGER register_change_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON register_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The days, beside public holidays, on which the municipality is closed: they are no working days.
CREATE TABLE closing_day (
    day      date PRIMARY KEY,
    name     text NOT NULL CHECK (name <> ''),
    -- The source of the decision, such as a circular or an agreement.
    source   text NOT NULL CHECK (source <> ''),
    added_by actor NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now()
);

-- What the municipality says of itself, in one row, or none before it says anything. `name` NULL: that of
-- the settings. `no_closing_days`: it is closed on public holidays only.
CREATE TABLE municipality (
    one             boolean PRIMARY KEY DEFAULT true CHECK (one),
    name            text CHECK (name <> ''),
    no_closing_days boolean NOT NULL DEFAULT false
);

-- Lists of vehicles that people uploaded. A list that waits has its rows, packed (`content`), the first of
-- them with how the file was read (`preview`), and once a person has said so, the row of its headings, the
-- field of each column, and what its values stand for. A list that was imported has the `outcome`.
CREATE TABLE vehicle_list (
    list_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL,
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    uploaded_by actor NOT NULL,
    content     bytea,
    preview     jsonb NOT NULL,
    layout      jsonb,
    outcome     jsonb,
    -- Whether it is read as an earlier list with the same headings was.
    is_remembered boolean NOT NULL DEFAULT false,
    CHECK ((content IS NULL) = (outcome IS NOT NULL))
);

-- How lists with the same headings were read last: `headings_sha256` is the hash of their headings.
CREATE TABLE vehicle_list_layout (
    headings_sha256 bytea PRIMARY KEY,
    layout          jsonb NOT NULL,
    set_by          actor NOT NULL,
    set_at          timestamptz NOT NULL DEFAULT now()
);

-- Register: devices and keys ------------------------------------------------------------------

CREATE TABLE device (
    device      text PRIMARY KEY CHECK (length(device) BETWEEN 1 AND 128),
    vehicle_id  text UNIQUE REFERENCES vehicle,
    enrolled_at timestamptz NOT NULL DEFAULT now(),
    -- The networks from which a tracker without a key may send; NULL means those of the settings.
    networks    cidr[],
    -- The unit in which it sends its speed over OsmAnd; NULL means the unit of the app that sends.
    speed_unit  text CHECK (speed_unit IN ('knots', 'm/s', 'km/h')),
    -- The protocol over which it last sent.
    protocol    text,
    -- Whether it is a driving log that stands in for a tracker; such a device never sends.
    is_log      boolean NOT NULL GENERATED ALWAYS AS (starts_with(device, 'log:')) STORED
);

-- The seats of a tracker before its present one (`device.vehicle_id`). The tracker sat in `vehicle_id`
-- (NULL: in no vehicle) until before the local day `until`; the seat begins where the row before it
-- ends. The tracker's positions and trips of that time belong to that vehicle.
CREATE TABLE device_seat (
    device     text NOT NULL REFERENCES device,
    until      date NOT NULL,
    vehicle_id text REFERENCES vehicle,
    PRIMARY KEY (device, until)
);

-- All seats of a tracker, the present one included: from the local day `since` until before the local
-- day `until`. Those days begin at the moments `begins` and `ends`.
CREATE VIEW device_vehicle AS
SELECT device, vehicle_id, since, until,
       since::timestamp AT TIME ZONE 'Europe/Copenhagen' AS begins,
       until::timestamp AT TIME ZONE 'Europe/Copenhagen' AS ends
FROM (SELECT device, vehicle_id, until,
             coalesce(lag(until) OVER (PARTITION BY device ORDER BY until), '-infinity') AS since
      FROM (SELECT device, vehicle_id, until FROM device_seat
            UNION ALL SELECT device, vehicle_id, 'infinity'::date FROM device) spans) w;

-- The names that a driving log may use for a vehicle, in lower case: its own, its id, its registration number
-- with and without spaces, and the trackers that ever sat in it.
CREATE FUNCTION names_in_logs(of_vehicle text) RETURNS SETOF text STABLE LANGUAGE sql AS $$
    SELECT lower(name) FROM vehicle WHERE vehicle_id = of_vehicle
    UNION SELECT lower(of_vehicle)
    UNION SELECT lower(plate) FROM vehicle WHERE vehicle_id = of_vehicle AND plate IS NOT NULL
    UNION SELECT lower(regexp_replace(plate, '^([A-ZÆØÅ]{2})(\d{2})(\d{3})$', '\1 \2 \3'))
          FROM vehicle WHERE vehicle_id = of_vehicle AND plate IS NOT NULL
    UNION SELECT lower(device) FROM device_vehicle WHERE vehicle_id = of_vehicle
$$;

-- A key authorises one device, or, with `gateway` set, every enrolled device. The table stores its hash
-- only. A device may have several keys, so that a new one is in use before the old one is revoked.
CREATE TABLE api_key (
    key_sha256   bytea PRIMARY KEY,
    device       text REFERENCES device,
    gateway      text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    revoked_at   timestamptz,
    key_id       bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    label        text NOT NULL DEFAULT '',
    last_used_at timestamptz,
    CHECK ((device IS NULL) <> (gateway IS NULL))
);

-- Register: private time ----------------------------------------------------------------------

-- The private periods of vehicles, in which ingest drops their positions on arrival. Where a period has
-- duty hours (local time; the weekdays on which a duty begins, 0 is Monday), only the time outside them
-- is private. People end a period and nobody deletes it, so that everybody can see who changed it.
CREATE TABLE private_period (
    private_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    vehicle_id       text NOT NULL REFERENCES vehicle,
    begins           timestamptz NOT NULL,
    ends             timestamptz CHECK (ends >= begins),
    duty_weekdays    smallint[],
    duty_begins      time,
    duty_ends        time,
    duty_on_holidays boolean NOT NULL DEFAULT false,
    note             text NOT NULL,
    set_by           actor NOT NULL,
    set_at           timestamptz NOT NULL DEFAULT now(),
    -- The number of positions of its time that were stored before it was set and that were deleted.
    deleted          bigint NOT NULL DEFAULT 0,
    ended_by         actor,
    ended_at         timestamptz,
    -- The moment at which all data of its time was deleted; NULL means that this is still to be done.
    -- `removed` counts the deleted data by the fields of `register.private_sweep.SweepCounts`.
    swept_at         timestamptz,
    removed          jsonb NOT NULL DEFAULT '{}',
    -- The local days that the last sweep deleted from rounds of proposals (`forget_days`).
    swept_days       datemultirange NOT NULL DEFAULT '{}',
    CHECK ((duty_weekdays IS NULL) = (duty_begins IS NULL)
           AND (duty_begins IS NULL) = (duty_ends IS NULL))
);
CREATE INDEX private_period_vehicle ON private_period (vehicle_id);

-- The revision of the private periods: it grows whenever a change makes other time private. A
-- transaction that stores telemetry has filtered it by the periods of one revision, and asks whether
-- that revision is still the last one. Such transactions share a lock until they have committed, and a
-- change takes that lock exclusively just before it commits. So the sweep that follows the change sees
-- all that was stored before it, and nothing private is stored after it. The revision is a sequence,
-- as reading one is cheap and no table grows.
CREATE SEQUENCE private_revision;

CREATE FUNCTION still_private_as(revision bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('flaadestyring.private'));
    IF revision <> (SELECT last_value + is_called::integer FROM private_revision) THEN
        RAISE serialization_failure USING MESSAGE = 'private periods changed';
    END IF;
END
$$;

CREATE FUNCTION private_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    vehicles text[];
BEGIN
    IF TG_TABLE_NAME <> 'private_period' THEN
        -- A tracker got another seat: the private periods of that vehicle now cover its positions.
        vehicles := ARRAY[OLD.vehicle_id, NEW.vehicle_id];
        IF TG_TABLE_NAME = 'device_seat' THEN
            vehicles := vehicles || ARRAY(SELECT vehicle_id FROM device_vehicle
                                          WHERE device IN (OLD.device, NEW.device));
        END IF;
        IF num_nonnulls(VARIADIC vehicles) = 0 THEN
            RETURN NULL;
        END IF;
        UPDATE private_period SET swept_at = NULL WHERE vehicle_id = ANY (vehicles);
        IF NOT FOUND THEN
            -- A concurrent transaction, which does not see this one, may set a period right now.
            PERFORM pg_advisory_xact_lock(hashtext('flaadestyring.private'));
            UPDATE private_period SET swept_at = NULL WHERE vehicle_id = ANY (vehicles);
            IF NOT FOUND THEN
                RETURN NULL;
            END IF;
        END IF;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('flaadestyring.private'));
    PERFORM nextval('private_revision');
    RETURN NULL;
END
$$;

-- The triggers are deferred, so that a transaction holds the lock only while it commits.
CREATE CONSTRAINT TRIGGER private_period_changed
    AFTER INSERT OR DELETE
        OR UPDATE OF vehicle_id, begins, ends, duty_weekdays, duty_begins, duty_ends,
                     duty_on_holidays
    ON private_period DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION private_changed();
CREATE CONSTRAINT TRIGGER device_private_changed
    AFTER INSERT OR UPDATE OF vehicle_id
    ON device DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION private_changed();
CREATE CONSTRAINT TRIGGER device_seat_private_changed
    AFTER INSERT OR UPDATE OR DELETE
    ON device_seat DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION private_changed();

-- The number of positions of each device and local day that ingest dropped as private. Nothing else is
-- stored of them.
CREATE TABLE private_day (
    device    text NOT NULL,
    day       date NOT NULL,
    positions bigint NOT NULL,
    PRIMARY KEY (device, day)
);

-- Positions -----------------------------------------------------------------------------------

-- The tables of telemetry and of data derived from it, here and below, have no foreign key to `device`.
-- The check of one would lock the row of the device: a transaction that stores would wait for one that
-- moves the tracker to another vehicle, and that one waits at its commit for those that store
-- (`private_changed`). Devices are never deleted, so each name has its row.

-- A hypertable cannot be made of a partitioned table, nor the other way round.
DO $$
DECLARE
    columns constant text := $columns$
        device         text             NOT NULL,
        ts             timestamptz      NOT NULL,
        lat            double precision NOT NULL,
        lon            double precision NOT NULL,
        speed_kmh      real,
        heading_deg    real,
        altitude_m     real,
        accuracy_m     real,
        satellites     smallint,
        ignition       boolean,
        odometer_km    double precision,
        engine_hours_h double precision,
        fuel_pct       real,
        soc_pct        real,
        charging       boolean,
        battery_v      real,
        attrs          jsonb,
        received_at    timestamptz      NOT NULL DEFAULT now(),
        PRIMARY KEY (device, ts)
    $columns$;
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        EXECUTE 'CREATE TABLE position (' || columns || ')';
        -- A chunk is a week: the week of a large fleet fits in memory, and retention drops whole
        -- chunks. No query would use the default index, which is on ts alone.
        PERFORM create_hypertable('position'::regclass, 'ts'::name,
                                  chunk_time_interval => interval '7 days',
                                  create_default_indexes => false);
    ELSE
        EXECUTE 'CREATE TABLE position (' || columns || ') PARTITION BY RANGE (ts)';
    END IF;
END
$$;

-- Makes TimescaleDB compress the weeks of `position` that are older than two weeks, where the licence of
-- the server allows it: an Apache-only server has no compression. Returns whether the policy is new.
CREATE FUNCTION compress_old_positions() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT relkind FROM pg_class WHERE oid = 'position'::regclass) = 'p' THEN
        RETURN false;
    END IF;
    IF current_setting('timescaledb.license') <> 'timescale' THEN
        RETURN false;
    END IF;
    PERFORM FROM timescaledb_information.jobs
    WHERE proc_name = 'policy_compression'
      AND hypertable_schema = current_schema() AND hypertable_name = 'position';
    IF FOUND THEN
        RETURN false;
    END IF;
    -- The trip service reads one device in the order of time, hence the segments. Trackers that were
    -- out of reach for longer than two weeks are rare, and only their rows come late into compressed
    -- chunks, where a row costs more.
    ALTER TABLE position SET (timescaledb.compress,
                              timescaledb.compress_segmentby = 'device',
                              timescaledb.compress_orderby = 'ts DESC');
    PERFORM add_compression_policy('position'::regclass, compress_after => interval '14 days',
                                   if_not_exists => true);
    RETURN true;
END
$$;

-- Makes the weekly partitions that cover [from_ts, to_ts]; returns how many were new. Does nothing on
-- a hypertable, which makes its own chunks. The function makes each table apart and attaches it, so
-- that readers and writers of `position` need not wait.
CREATE FUNCTION ensure_position_partitions(from_ts timestamptz, to_ts timestamptz)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    week      timestamp;
    partition text;
    made      integer := 0;
BEGIN
    IF (SELECT relkind FROM pg_class WHERE oid = 'position'::regclass) <> 'p' THEN
        RETURN 0;
    END IF;
    -- The weeks are ISO weeks in UTC, whatever the time zone of the session is.
    FOR week IN
        SELECT generate_series(date_trunc('week', from_ts AT TIME ZONE 'UTC'),
                               date_trunc('week', to_ts AT TIME ZONE 'UTC'),
                               interval '7 days')
    LOOP
        partition := 'position_' || to_char(week, 'IYYY_"w"IW');
        -- The partition almost always exists, and then the session does not wait for the lock.
        CONTINUE WHEN to_regclass(quote_ident(partition)) IS NOT NULL;
        PERFORM pg_advisory_xact_lock(hashtext('flaadestyring.partitions'));
        -- A query, because to_regclass may still return what it cached before the lock.
        PERFORM FROM pg_class
        WHERE relname = partition AND relnamespace = current_schema()::regnamespace;
        CONTINUE WHEN FOUND;
        EXECUTE format('CREATE TABLE %I (LIKE position INCLUDING DEFAULTS)', partition);
        EXECUTE format('ALTER TABLE position ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                       partition, week AT TIME ZONE 'UTC',
                       (week + interval '7 days') AT TIME ZONE 'UTC');
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;

-- The partitions of `position`, or the chunks of the hypertable, each with the time that it covers.
CREATE FUNCTION position_parts()
RETURNS TABLE (part regclass, from_ts timestamptz, to_ts timestamptz) LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT relkind FROM pg_class WHERE oid = 'position'::regclass) = 'p' THEN
        RETURN QUERY
        SELECT c.oid::regclass, week AT TIME ZONE 'UTC',
               (week + interval '7 days') AT TIME ZONE 'UTC'
        FROM pg_inherits i
        JOIN pg_class c ON c.oid = i.inhrelid,
        LATERAL (SELECT to_date(right(c.relname, 8), 'IYYY_"w"IW')::timestamp AS week) w
        WHERE i.inhparent = 'position'::regclass;
    ELSE
        RETURN QUERY
        SELECT format('%I.%I', chunk_schema, chunk_name)::regclass, range_start, range_end
        FROM timescaledb_information.chunks
        WHERE hypertable_schema = current_schema() AND hypertable_name = 'position';
    END IF;
END
$$;

-- Drops one part of `position`.
CREATE FUNCTION drop_position_part(part regclass, part_from timestamptz, part_to timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT relkind FROM pg_class WHERE oid = 'position'::regclass) = 'p' THEN
        EXECUTE format('DROP TABLE %s', part);
    ELSE
        PERFORM drop_chunks('position'::regclass, older_than => part_to, newer_than => part_from);
    END IF;
END
$$;

-- The state of processing of each device. A transaction that stores positions updates the state, or adds
-- the update to `pending_span`. The trip service clears `dirty_from` when the trips include everything
-- up to `revision`. Every commit updates rows, and free space on the page for the new versions makes
-- that a third cheaper.
CREATE TABLE device_state (
    device      text PRIMARY KEY,
    first_ts    timestamptz NOT NULL,
    last_ts     timestamptz NOT NULL,
    -- The first and the last moment at which positions changed since the trips were detected
    -- (`dirty_to` stands below). All positions that the trips do not include yet lie between the two.
    dirty_from  timestamptz,
    revision    bigint NOT NULL DEFAULT 0,
    -- Positions before this moment are deleted, and the trips before it stay as they are.
    kept_from   timestamptz,
    dirty_to    timestamptz,
    -- The moment since which positions wait for trip detection; NULL if none wait, or if the moment is
    -- not known.
    dirty_since timestamptz,
    -- The settings with which the device's trips were detected (`trip_settings`); NULL if none were.
    found_with  text,
    -- The moment from which on round trips must be detected again, as a depot changed.
    round_trips_from timestamptz,
    CHECK ((dirty_from IS NULL) = (dirty_to IS NULL)),
    -- The moment at which its positions came in last, whatever their own times; NULL if none came in since
    -- the database keeps this.
    received_at timestamptz
) WITH (fillfactor = 40);
CREATE INDEX device_state_dirty ON device_state (device) WHERE dirty_from IS NOT NULL;
CREATE INDEX device_state_round_trips ON device_state (device) WHERE round_trips_from IS NOT NULL;

-- Updates the states of devices of which positions were stored, the first and the last of each device
-- at these moments.
CREATE FUNCTION move_device_state(devices text[], firsts timestamptz[], lasts timestamptz[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- The rows are sorted, so that two writers wait for each other and do not deadlock.
    INSERT INTO device_state AS state (device, first_ts, last_ts, dirty_from, dirty_to, revision,
                                       dirty_since, received_at)
    SELECT stored.device, first_ts, last_ts, first_ts, last_ts, 1, now(), now()
    FROM unnest(devices, firsts, lasts) AS stored (device, first_ts, last_ts)
    ORDER BY stored.device
    ON CONFLICT (device) DO UPDATE SET
        first_ts   = least(state.first_ts, excluded.first_ts),
        last_ts    = greatest(state.last_ts, excluded.last_ts),
        dirty_from = least(state.dirty_from, excluded.dirty_from),
        dirty_to   = greatest(state.dirty_to, excluded.dirty_to),
        revision   = state.revision + 1,
        dirty_since = coalesce(state.dirty_since, now()),
        received_at = now();
END
$$;

-- The first and the last moment of the positions that commits stored of each device, in microseconds
-- since 2000. `apply_pending_spans` has yet to update `device_state` by these spans. If each of many
-- commits a second updated the state, that would be a fifth of all the cost of storing. A pending span
-- is part of its commit, so none is lost.
CREATE TABLE pending_span (
    devices     text[] NOT NULL,
    firsts      bigint[] NOT NULL,
    lasts       bigint[] NOT NULL,
    -- The number of positions that the commit stored, and the moment. A commit that updated the states of
    -- its devices itself leaves only these two.
    positions   integer NOT NULL DEFAULT 0,
    received_at timestamptz NOT NULL DEFAULT now()
);

-- The number of positions of all devices that came in within each of the last minutes, as
-- `apply_pending_spans` counted them. The table `position` cannot tell it, for there a backlog lies among
-- older positions.
CREATE TABLE received_minute (
    minute    timestamptz PRIMARY KEY,
    positions bigint NOT NULL
);

-- Two procedures for a transaction that stored positions of these devices, the first and the last of
-- each device at these moments, in microseconds since 2000. `private_as` is the revision of the private
-- periods by which the positions were filtered, and `positions` is their number. `apply_span` updates
-- the states of the devices at once; `note_span` leaves that to `apply_pending_spans`. They are
-- procedures because a CALL returns no rows, and so may follow a COPY in the same message to the server.
CREATE PROCEDURE apply_span(devices text[], firsts bigint[], lasts bigint[], private_as bigint,
                            positions integer DEFAULT 0)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM still_private_as(private_as);
    PERFORM move_device_state(
        devices,
        ARRAY(SELECT timestamptz '2000-01-01Z' + us * interval '1 us' FROM unnest(firsts) AS us),
        ARRAY(SELECT timestamptz '2000-01-01Z' + us * interval '1 us' FROM unnest(lasts) AS us));
    INSERT INTO pending_span VALUES ('{}', '{}', '{}', positions);
END
$$;

CREATE PROCEDURE note_span(devices text[], firsts bigint[], lasts bigint[], private_as bigint,
                           positions integer DEFAULT 0)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM still_private_as(private_as);
    INSERT INTO pending_span VALUES (devices, firsts, lasts, positions);
END
$$;

-- Updates the states of all devices by the pending spans.
CREATE FUNCTION apply_pending_spans() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    spans record;
BEGIN
    -- A second caller waits, so that for both all spans are applied that were noted before their calls.
    PERFORM pg_advisory_xact_lock(hashtext('flaadestyring.pending_spans'));
    WITH pending AS (DELETE FROM pending_span RETURNING *),
    counted AS (
        INSERT INTO received_minute AS m (minute, positions)
        SELECT date_trunc('minute', received_at), sum(positions) FROM pending
        WHERE positions > 0 GROUP BY 1
        ON CONFLICT (minute) DO UPDATE SET positions = m.positions + excluded.positions
    ),
    span AS (
        SELECT device,
               timestamptz '2000-01-01Z' + min(first_us) * interval '1 us' AS first_ts,
               timestamptz '2000-01-01Z' + max(last_us) * interval '1 us' AS last_ts
        FROM pending, unnest(devices, firsts, lasts) AS noted (device, first_us, last_us)
        GROUP BY device
    )
    SELECT array_agg(device) AS devices, array_agg(first_ts) AS firsts, array_agg(last_ts) AS lasts
    INTO spans FROM span;
    IF spans.devices IS NOT NULL THEN
        PERFORM move_device_state(spans.devices, spans.firsts, spans.lasts);
    END IF;
END
$$;

-- The last position of each of these devices. The function looks each one up in the part that holds it:
-- a join would decompress a batch of every chunk for each device, and a look-up in the whole hypertable
-- costs four times as much.
CREATE FUNCTION last_positions(devices text[])
RETURNS TABLE (device text, ts timestamptz, lat double precision, lon double precision,
               speed_kmh real, ignition boolean, soc_pct real, charging boolean, battery_v real,
               attrs jsonb, received_at timestamptz) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path FROM CURRENT AS $$
DECLARE
    week record;
BEGIN
    FOR week IN
        SELECT p.part, array_agg(s.device) AS devices, array_agg(s.last_ts) AS moments
        FROM unnest(devices) AS asked (device)
        JOIN device_state s USING (device)
        JOIN position_parts() p ON s.last_ts >= p.from_ts AND s.last_ts < p.to_ts
        WHERE NOT is_scoped() OR scope_saw(asked.device, s.last_ts)
        GROUP BY p.part
    LOOP
        BEGIN
            RETURN QUERY EXECUTE format(
                'SELECT p.* FROM unnest($1, $2) AS s (device, ts)
                 CROSS JOIN LATERAL (
                     SELECT device, ts, lat, lon, speed_kmh, ignition, soc_pct, charging, battery_v,
                            attrs, received_at
                     FROM %s WHERE device = s.device AND ts = s.ts LIMIT 1
                 ) p', week.part)
            USING week.devices, week.moments;
        EXCEPTION WHEN undefined_table THEN
            NULL;  -- Retention dropped the week meanwhile.
        END;
    END LOOP;
END
$$;

-- The usual rhythm of a device: the median seconds between its positions, and the longest silence, in
-- whole days, after which it sent again.
CREATE TABLE device_rhythm (
    device      text PRIMARY KEY,
    interval_s  double precision NOT NULL,
    silent_days integer NOT NULL,
    learned_at  timestamptz NOT NULL
);

-- Retention -----------------------------------------------------------------------------------

-- Whether the positions from `from_ts` to `to_ts` that arrived after `came_after` are still those that
-- this transaction copied to `late_position`.
CREATE FUNCTION late_is_copied(from_ts timestamptz, to_ts timestamptz, came_after timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT FROM (SELECT device, ts FROM position
                     WHERE ts >= from_ts AND ts < to_ts AND received_at > came_after) p
        FULL JOIN late_position l USING (device, ts)
        WHERE p.device IS NULL OR l.device IS NULL
    );
END
$$;

-- Empties one part of `position`, compressed rows too, and inserts the rows that this transaction copied
-- to `late_position`.
CREATE FUNCTION leave_late_positions(part regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('TRUNCATE %s', part);
    INSERT INTO position SELECT * FROM late_position;
END
$$;

-- The deletions of data whose time was over, as proof for the data protection officer. Like history the
-- rows cannot be changed. They have no actor, for no person deleted the data.
CREATE TABLE deletion (
    deletion_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    deleted_at  timestamptz NOT NULL DEFAULT now(),
    -- In a deletion of `trip_ends` only the exact places where trips began and ended were deleted.
    subject     text NOT NULL
                CHECK (subject IN ('position', 'quarantine', 'log_upload', 'trip_ends', 'trip',
                                   'round_trip', 'engine_session', 'audit_entry')),
    from_ts     timestamptz,
    to_ts       timestamptz NOT NULL,
    items       bigint NOT NULL,
    keep_days   integer NOT NULL
);
CREATE TRIGGER deletion_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON deletion
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Quarantine ----------------------------------------------------------------------------------

-- Refused telemetry, as it was sent, until a person releases or discards it. When the same bytes come
-- again, their row counts that. `device` is the name that the sender states, enrolled or not.
CREATE TABLE quarantine (
    quarantine_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    protocol       text NOT NULL,
    device         text NOT NULL,
    reason         text NOT NULL,
    -- A code with values: `fleet.saying.Saying`.
    detail         jsonb NOT NULL,
    payload        bytea NOT NULL,
    payload_sha256 bytea NOT NULL,
    times_sent     integer NOT NULL DEFAULT 1,
    received_at    timestamptz NOT NULL DEFAULT now(),
    -- The moment at which a person released the item, so that its positions were stored, or discarded
    -- it, so that its bytes were deleted.
    released_at    timestamptz,
    released_by    actor,
    discarded_by   actor,
    discarded_why  text,
    -- The moment at which it was driven, by the clock of the tracker; NULL if that is not known.
    ts             timestamptz,
    -- Whether it came with a valid key, or from a network from which its device may send. Otherwise a
    -- stranger sent it, whatever device it names.
    vouched        boolean NOT NULL DEFAULT true,
    UNIQUE (protocol, payload_sha256)
);
CREATE INDEX quarantine_waiting_since ON quarantine (device, reason, received_at)
    WHERE released_at IS NULL;
CREATE INDEX quarantine_latest ON quarantine (received_at DESC, quarantine_id DESC)
    WHERE released_at IS NULL;
CREATE INDEX quarantine_of_device ON quarantine (device, quarantine_id);
CREATE INDEX quarantine_left ON quarantine (quarantine_id) WHERE released_at IS NOT NULL;

-- The numbers of waiting items that were deleted to make room in a full quarantine.
CREATE TABLE quarantine_evicted (
    day      date NOT NULL DEFAULT (now() AT TIME ZONE 'Europe/Copenhagen')::date,
    protocol text NOT NULL,
    reason   text NOT NULL,
    items    bigint NOT NULL,
    PRIMARY KEY (day, protocol, reason)
);

-- Trips ---------------------------------------------------------------------------------------

-- The settings with which the trip service has to detect the trips of a device: its vehicle, its earlier
-- vehicles, and its trip class. `found_with` is all of them as one JSON text, as ids may hold any
-- character. Where it differs from `device_state.found_with`, the trip service detects the trips again.
CREATE VIEW trip_settings AS
SELECT s.device, v.vehicle_id, v.depot_id,
       coalesce(v.trip_class, k.trip_class, 'car') AS trip_class,
       v.measured_in IS NOT DISTINCT FROM 'hours' AS measured_in_hours,
       json_build_array(
           coalesce(v.trip_class, k.trip_class, 'car'), v.measured_in, v.vehicle_id, v.depot_id,
           (SELECT json_agg(json_build_array(p.until, b.vehicle_id, b.depot_id) ORDER BY p.until)
            FROM device_seat p LEFT JOIN vehicle b USING (vehicle_id)
            WHERE p.device = s.device))::text AS found_with
FROM device_state s
LEFT JOIN device d USING (device)
LEFT JOIN vehicle v USING (vehicle_id)
LEFT JOIN vehicle_kind k USING (kind);

-- The devices that the trip service set aside because it could not detect their trips: the trouble
-- (`trips.stored.set_aside.TripTrouble`), the class of the error, the number of failures in a row, and the
-- moment of the next attempt.
CREATE TABLE trip_aside (
    device   text PRIMARY KEY,
    trouble  text NOT NULL,
    error    text NOT NULL,
    attempts integer NOT NULL DEFAULT 1,
    since    timestamptz NOT NULL DEFAULT now(),
    retry_at timestamptz NOT NULL
);

CREATE TABLE trip (
    device         text NOT NULL,
    start_ts       timestamptz NOT NULL,
    end_ts         timestamptz NOT NULL CHECK (end_ts >= start_ts),
    start_lat      double precision NOT NULL,
    start_lon      double precision NOT NULL,
    end_lat        double precision NOT NULL,
    end_lon        double precision NOT NULL,
    km             double precision NOT NULL CHECK (km >= 0),
    -- Doubts about the trip: `trips.detect.quality.TripQuality`.
    silence_max_s  double precision NOT NULL DEFAULT 0,
    gap_inside     boolean NOT NULL DEFAULT false,
    cut_by_silence boolean NOT NULL DEFAULT false,
    odometer_used  boolean NOT NULL DEFAULT false,
    -- The name of the driving log from which it was imported; NULL if it was detected from positions.
    -- Where the tracker was heard, a log does not count.
    source         text,
    -- Whether retention rounded the places where it began and ended; a place at a depot stays exact.
    ends_rounded   boolean NOT NULL DEFAULT false,
    -- What the tracker told of the battery and of the tank: the level at the first and the last reading in
    -- per cent, and the km between the two; NULL where too little was told, or where the vehicle was
    -- charged or filled meanwhile. `levels_read` is false until the worker looked.
    levels_read      boolean NOT NULL DEFAULT false,
    battery_from_pct double precision,
    battery_to_pct   double precision,
    battery_km       double precision,
    tank_from_pct    double precision,
    tank_to_pct      double precision,
    tank_km          double precision,
    PRIMARY KEY (device, start_ts)
);
CREATE INDEX trip_start ON trip (start_ts);
-- Two indexes by place, for the devices whose round trips a change of a zone may affect.
CREATE INDEX trip_left ON trip (start_lat, start_lon) INCLUDE (device, start_ts);
CREATE INDEX trip_reached ON trip (end_lat, end_lon) INCLUDE (device, start_ts);
CREATE INDEX trip_logged ON trip (device, start_ts) WHERE source IS NOT NULL;
CREATE INDEX trip_exact ON trip (start_ts) WHERE NOT ends_rounded;
CREATE INDEX trip_unread ON trip (start_ts) WHERE NOT levels_read;

-- Round trips from the vehicle's depot and back, which the optimiser plans. The trip service stores them
-- in the transaction that stores the trips.
CREATE TABLE round_trip (
    device        text NOT NULL,
    start_ts      timestamptz NOT NULL,
    end_ts        timestamptz NOT NULL CHECK (end_ts >= start_ts),
    vehicle_id    text NOT NULL REFERENCES vehicle,
    depot_id      text NOT NULL REFERENCES zone,
    km            double precision NOT NULL CHECK (km >= 0),
    legs          integer NOT NULL CHECK (legs > 0),
    -- The depots that it left and reached, which need not be the vehicle's; NULL means no depot.
    left_depot    text REFERENCES zone ON DELETE SET NULL,
    reached_depot text REFERENCES zone ON DELETE SET NULL,
    -- The driving log, as in `trip.source`.
    source        text,
    -- The number that rounds of proposals store, as it tells neither the vehicle nor the time.
    trip_number   bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (device, start_ts)
);
CREATE INDEX round_trip_start ON round_trip (start_ts);
CREATE INDEX round_trip_depot ON round_trip (depot_id, start_ts);
CREATE UNIQUE INDEX round_trip_number ON round_trip (trip_number);
CREATE INDEX round_trip_logged ON round_trip (vehicle_id, start_ts) WHERE source IS NOT NULL;

-- The engine sessions of machines that are measured in engine hours.
CREATE TABLE engine_session (
    device   text NOT NULL,
    start_ts timestamptz NOT NULL,
    end_ts   timestamptz NOT NULL CHECK (end_ts >= start_ts),
    hours    double precision NOT NULL CHECK (hours >= 0),
    PRIMARY KEY (device, start_ts)
);

-- Driving logs --------------------------------------------------------------------------------

-- The days that a driving log covers, for each vehicle that it names: from the first trip in the file to
-- the last, of any vehicle. A day between the two without an entry is a day without use.
CREATE TABLE logged_span (
    vehicle_id text NOT NULL REFERENCES vehicle,
    first_day  date NOT NULL,
    last_day   date NOT NULL,
    PRIMARY KEY (vehicle_id, first_day, last_day)
);

-- Uploads of driving logs. An upload that waits for its import has its rows, packed (`content`), and
-- the first of them for the page (`preview`). An imported upload has the refused rows.
CREATE TABLE log_upload (
    upload_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL,
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    content     bytea,
    trips       integer,
    vehicles    integer,
    headings    text[],
    refused     jsonb,
    preview     jsonb,
    -- The number of rows that were left out because they were, or may have been, driven in private.
    private     integer NOT NULL DEFAULT 0,
    CHECK ((content IS NULL) = (refused IS NOT NULL)),
    -- The number of rows whose trips were imported before.
    known       integer NOT NULL DEFAULT 0
);

-- Use -----------------------------------------------------------------------------------------

-- The use of each device on each local day (Europe/Copenhagen), and the hours in which it was heard, for
-- silence is not idleness. The trip service updates the rows in the transaction that stores the trips of
-- those days. Trips and their km count on the day of the departure; time is split at midnight. Every
-- position updates a row, so the pages have free space for the new versions.
CREATE TABLE device_day (
    device       text NOT NULL,
    day          date NOT NULL,
    positions    integer NOT NULL,
    -- Bit h is set if the device was heard in the hour that begins h hours after local midnight; a day
    -- has 23 to 25 hours.
    heard        integer NOT NULL,
    trips        integer NOT NULL,
    km           double precision NOT NULL,
    driving_s    double precision NOT NULL,
    away_s       double precision NOT NULL,
    engine_hours double precision NOT NULL,
    -- The number of positions in each hour, from the first to the 25th, so that the trip service counts
    -- only the hours again in which positions changed; NULL makes it count all hours again.
    hourly       integer[],
    PRIMARY KEY (device, day)
) WITH (fillfactor = 70);
CREATE INDEX device_day_day ON device_day (day);

-- The revision of the days and round trips of each device in each month. It grows whenever they change,
-- so that a reader with a cache knows which months to read again.
CREATE SEQUENCE device_month_revision;
CREATE TABLE device_month (
    device   text NOT NULL,
    month    date NOT NULL CHECK (extract(day FROM month) = 1),
    revision bigint NOT NULL,
    PRIMARY KEY (month, device)
);

-- Gives each trip of the driving logs of these vehicles to the device that sat in the vehicle on the
-- trip's day: to the tracker of that day, or else to the log itself, which sits in the vehicle whenever no
-- tracker does. Whatever gives a tracker another seat calls it, and so does an import.
CREATE FUNCTION settle_logs(of_vehicles text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    logged   text[] := ARRAY(SELECT DISTINCT vehicle_id FROM logged_span WHERE vehicle_id = ANY (of_vehicles));
    logs     text[] := ARRAY(SELECT 'log:' || id FROM unnest(logged) AS id);
    involved text[];
    tracked  text[];
    tracked_days daterange[];
    seats_before jsonb;
    seats_after  jsonb;
    owners   text[];
    starts   timestamptz[];
    were     text[];
    homes    text[];
BEGIN
    IF logged = '{}' THEN
        RETURN;
    END IF;
    involved := ARRAY(
        SELECT unnest(logs)
        UNION SELECT device FROM device_vehicle WHERE vehicle_id = ANY (logged)
        UNION SELECT device FROM round_trip WHERE vehicle_id = ANY (logged) AND source IS NOT NULL
        ORDER BY 1);
    -- The trip service does not count the days of these devices meanwhile.
    PERFORM pg_advisory_xact_lock(hashtext('flaadestyring.trips'), hashtext(one))
    FROM unnest(involved) AS one;

    -- The log sits wherever no tracker does. A seat that is right already is left alone, for a change of one
    -- has the private periods swept again.
    INSERT INTO device (device) SELECT unnest(logs) ON CONFLICT DO NOTHING;
    SELECT coalesce(array_agg(vehicle_id), '{}'), coalesce(array_agg(days), '{}') INTO tracked, tracked_days
    FROM (SELECT w.vehicle_id, unnest(range_agg(daterange(w.since, w.until))) AS days
          FROM device_vehicle w JOIN device d USING (device)
          WHERE w.vehicle_id = ANY (logged) AND NOT d.is_log AND w.since < w.until
          GROUP BY w.vehicle_id) t;
    SELECT jsonb_agg(w ORDER BY device, until) INTO seats_before FROM device_vehicle w WHERE device = ANY (logs);
    WITH wanted AS (
        SELECT 'log:' || id AS device, lower(days) AS until, id AS vehicle_id
        FROM unnest(tracked, tracked_days) AS t (id, days) WHERE lower(days) > '-infinity'
        UNION ALL
        SELECT 'log:' || id, upper(days), NULL
        FROM unnest(tracked, tracked_days) AS t (id, days) WHERE upper(days) < 'infinity'
    ), gone AS (
        DELETE FROM device_seat s WHERE device = ANY (logs)
            AND NOT EXISTS (SELECT FROM wanted n WHERE n.device = s.device AND n.until = s.until)
    )
    INSERT INTO device_seat AS s (device, until, vehicle_id) SELECT device, until, vehicle_id FROM wanted
    ON CONFLICT (device, until) DO UPDATE SET vehicle_id = excluded.vehicle_id
        WHERE s.vehicle_id IS DISTINCT FROM excluded.vehicle_id;
    UPDATE device d SET vehicle_id = n.vehicle_id
    FROM (SELECT 'log:' || id AS device,
                 CASE WHEN NOT EXISTS (SELECT FROM unnest(tracked, tracked_days) AS t (tracked_id, days)
                                       WHERE tracked_id = id AND upper(days) = 'infinity')
                      THEN id END AS vehicle_id
          FROM unnest(logged) AS id) n
    WHERE d.device = n.device AND d.vehicle_id IS DISTINCT FROM n.vehicle_id;
    SELECT jsonb_agg(w ORDER BY device, until) INTO seats_after FROM device_vehicle w WHERE device = ANY (logs);

    -- A trip that was imported for two devices of the vehicle is kept once.
    WITH twice AS (
        SELECT device, start_ts
        FROM (SELECT device, start_ts,
                     row_number() OVER (PARTITION BY vehicle_id, start_ts ORDER BY device) AS number
              FROM round_trip WHERE vehicle_id = ANY (logged) AND source IS NOT NULL) r
        WHERE number > 1
    ), trips AS (
        DELETE FROM trip t USING twice w WHERE t.device = w.device AND t.start_ts = w.start_ts
    )
    DELETE FROM round_trip r USING twice w WHERE r.device = w.device AND r.start_ts = w.start_ts;
    WITH seat AS MATERIALIZED (
        SELECT w.device, w.vehicle_id, w.since, w.begins, w.ends
        FROM device_vehicle w JOIN device d USING (device)
        WHERE w.vehicle_id = ANY (logged) AND NOT d.is_log
    ), found AS (
        SELECT DISTINCT ON (r.device, r.start_ts) r.device, r.start_ts, r.vehicle_id,
               coalesce(s.device, 'log:' || r.vehicle_id) AS home
        FROM round_trip r
        LEFT JOIN seat s ON s.vehicle_id = r.vehicle_id AND r.start_ts >= s.begins AND r.start_ts < s.ends
        WHERE r.vehicle_id = ANY (logged) AND r.source IS NOT NULL
        ORDER BY r.device, r.start_ts, s.since DESC
    )
    SELECT array_agg(device), array_agg(start_ts), array_agg('log:' || vehicle_id), array_agg(home)
    INTO were, starts, owners, homes FROM found WHERE device <> home;
    IF were IS NULL AND seats_before IS NOT DISTINCT FROM seats_after THEN
        RETURN;
    END IF;

    -- The trips go by their own log, in which no trip of another vehicle can be in their way. A trip that the
    -- tracker began at the same moment counts instead.
    UPDATE trip t SET device = m.owner FROM unnest(were, starts, owners) AS m (was, start_ts, owner)
    WHERE t.device = m.was AND t.start_ts = m.start_ts AND t.device <> m.owner;
    UPDATE round_trip t SET device = m.owner FROM unnest(were, starts, owners) AS m (was, start_ts, owner)
    WHERE t.device = m.was AND t.start_ts = m.start_ts AND t.device <> m.owner;
    DELETE FROM trip t USING unnest(owners, starts, homes) AS m (owner, start_ts, home)
    WHERE t.device = m.owner AND t.start_ts = m.start_ts AND m.home <> m.owner
      AND EXISTS (SELECT FROM trip o WHERE o.device = m.home AND o.start_ts = m.start_ts);
    DELETE FROM round_trip t USING unnest(owners, starts, homes) AS m (owner, start_ts, home)
    WHERE t.device = m.owner AND t.start_ts = m.start_ts AND m.home <> m.owner
      AND EXISTS (SELECT FROM round_trip o WHERE o.device = m.home AND o.start_ts = m.start_ts);
    UPDATE trip t SET device = m.home FROM unnest(owners, starts, homes) AS m (owner, start_ts, home)
    WHERE t.device = m.owner AND t.start_ts = m.start_ts AND m.home <> m.owner;
    UPDATE round_trip t SET device = m.home FROM unnest(owners, starts, homes) AS m (owner, start_ts, home)
    WHERE t.device = m.owner AND t.start_ts = m.start_ts AND m.home <> m.owner;

    -- The days that the logs cover are counted anew for each of the devices.
    WITH covered AS MATERIALIZED (
        SELECT w.device, w.since, w.until, s.first_day, s.last_day
        FROM device_vehicle w JOIN logged_span s USING (vehicle_id) WHERE w.device = ANY (involved)
    ), days AS (
        SELECT DISTINCT day::date AS day
        FROM logged_span, generate_series(first_day::timestamp, last_day::timestamp, interval '1 day') AS day
        WHERE vehicle_id = ANY (logged)
    ), pair AS MATERIALIZED (
        SELECT device, day, day::timestamp AT TIME ZONE 'Europe/Copenhagen' AS from_ts,
               (day + 1)::timestamp AT TIME ZONE 'Europe/Copenhagen' AS to_ts,
               EXISTS (SELECT FROM covered c WHERE c.device = one.device AND day >= since AND day < until
                                               AND day BETWEEN first_day AND last_day) AS is_covered
        FROM unnest(involved) AS one (device) CROSS JOIN days
    ), found AS MATERIALIZED (
        SELECT p.device, p.day, coalesce(old.positions, 0) AS positions, old.hourly,
               CASE WHEN p.is_covered THEN (1 << 24) - 1
                    WHEN old.hourly IS NOT NULL
                    THEN (SELECT coalesce(bit_or(1 << (hour - 1)::integer), 0)
                          FROM unnest(old.hourly) WITH ORDINALITY AS h (count, hour) WHERE count > 0)
                    WHEN old.positions > 0 THEN old.heard ELSE 0 END AS heard,
               t.trips, t.km, t.driving_s, r.away_s, coalesce(old.engine_hours, 0) AS engine_hours,
               p.is_covered OR old.positions > 0 OR old.engine_hours > 0 OR t.trips > 0 OR t.driving_s > 0
                   OR r.away_s > 0 AS known
        FROM pair p
        LEFT JOIN device_day old USING (device, day)
        CROSS JOIN LATERAL (
            SELECT (count(*) FILTER (WHERE start_ts >= p.from_ts))::integer AS trips,
                   coalesce(sum(km) FILTER (WHERE start_ts >= p.from_ts), 0) AS km,
                   coalesce(extract(epoch FROM sum(least(end_ts, p.to_ts) - greatest(start_ts, p.from_ts))), 0)
                       ::float8 AS driving_s
            FROM trip
            WHERE device = p.device AND start_ts < p.to_ts AND end_ts >= p.from_ts
              AND start_ts >= coalesce((SELECT max(start_ts) FROM trip
                                        WHERE device = p.device AND start_ts < p.from_ts), p.from_ts)
        ) t
        CROSS JOIN LATERAL (
            SELECT coalesce(extract(epoch FROM sum(least(end_ts, p.to_ts) - greatest(start_ts, p.from_ts))), 0)
                       ::float8 AS away_s
            FROM round_trip
            WHERE device = p.device AND start_ts < p.to_ts AND end_ts >= p.from_ts
              AND start_ts >= coalesce((SELECT max(start_ts) FROM round_trip
                                        WHERE device = p.device AND start_ts < p.from_ts), p.from_ts)
        ) r
        WHERE p.is_covered OR old.device IS NOT NULL OR t.trips > 0 OR r.away_s > 0
    ), gone AS (
        DELETE FROM device_day y USING found f WHERE y.device = f.device AND y.day = f.day AND f.known IS NOT TRUE
    ), kept AS (
        INSERT INTO device_day AS y (device, day, positions, hourly, heard, trips, km, driving_s, away_s,
                                     engine_hours)
        SELECT device, day, positions, hourly, heard, trips, km, driving_s, away_s, engine_hours
        FROM found WHERE known
        ON CONFLICT (device, day) DO UPDATE SET
            heard = excluded.heard, trips = excluded.trips, km = excluded.km, driving_s = excluded.driving_s,
            away_s = excluded.away_s
    )
    INSERT INTO device_month AS m (device, month, revision)
    SELECT device, month, nextval('device_month_revision')
    FROM (SELECT DISTINCT device, date_trunc('month', day::timestamp)::date AS month FROM found) AS months
    ON CONFLICT (month, device) DO UPDATE SET revision = nextval('device_month_revision');
END
$$;

-- What the vehicles of a kind used of a full battery or tank in the months of the last year, and the km
-- that they drove on it.
CREATE TABLE kind_consumption (
    kind  text NOT NULL REFERENCES vehicle_kind ON DELETE CASCADE,
    level text NOT NULL CHECK (level IN ('battery', 'tank')),
    month smallint NOT NULL CHECK (month BETWEEN 1 AND 12),
    km    double precision NOT NULL,
    pct   double precision NOT NULL,
    trips integer NOT NULL,
    PRIMARY KEY (kind, level, month)
);

-- Rounds of proposals -------------------------------------------------------------------------

-- One version of a round of proposals on a stated period of data. Rounds are numbered 1, 2, and so on.
-- After verdicts a person may request a new version of a round, on the same data. `summary` is the sum
-- over its parts. Summaries, plans, studies and proposals carry the version of their shape, so that
-- later software can read an older round (`optimiser.model.body`).
CREATE TABLE round (
    round_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    requested_at timestamptz NOT NULL DEFAULT now(),
    requested_by actor NOT NULL,
    period_first date NOT NULL,
    period_last  date NOT NULL CHECK (period_last >= period_first),
    state        text NOT NULL DEFAULT 'queued'
                 CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    -- The detail of its failure: a code with values, `fleet.saying.Saying`.
    detail       jsonb,
    finished_at  timestamptz,
    rules        jsonb,
    summary      jsonb,
    -- The assumptions and kinds with which it was calculated.
    assumptions  jsonb,
    kinds        jsonb,
    number       integer NOT NULL DEFAULT 1,
    version      integer NOT NULL DEFAULT 1,
    -- The reason of its failure.
    reason       text NOT NULL DEFAULT '',
    cancelled_by actor,
    -- The prices of CO2e by depot, in kr. a tonne, at which the fleets are best that somebody chose on
    -- the curve of an earlier version; NULL: nobody chose one.
    chosen_prices jsonb
);
CREATE UNIQUE INDEX round_version ON round (number, version);
-- One round runs at a time: two would read the same data and give the same proposals.
CREATE UNIQUE INDEX round_active ON round ((true)) WHERE state IN ('queued', 'running');

-- What the register had of each vehicle of the fleet and of each depot when a version of a round was
-- calculated, so that a later one can tell what was changed. `facts` of a depot is its charge points.
CREATE TABLE round_register (
    round_id   bigint NOT NULL REFERENCES round ON DELETE CASCADE,
    subject    text NOT NULL CHECK (subject IN ('vehicle', 'depot')),
    subject_id text NOT NULL,
    facts      jsonb NOT NULL,
    PRIMARY KEY (round_id, subject, subject_id)
);

-- A part of a round, which any worker on any machine plans: one depot, or all depots under a cap on CO2e.
-- `digest` is a fingerprint of the data on which its plan depends; `verdicts` are those that bound the
-- plan. `depots` are ids of zones; an array can have no foreign key. The shapes of `part_plan` and
-- `study` are `optimiser.depot.part_plan.PartPlan` and `optimiser.studies.study.Study`.
CREATE TABLE round_part (
    round_id      bigint NOT NULL REFERENCES round,
    part          integer NOT NULL,
    depots        text[] NOT NULL,
    digest        text NOT NULL DEFAULT '',
    verdicts      jsonb,
    part_plan     jsonb,
    study         jsonb,
    -- The reason and the detail of the failure of its study, as in `round`.
    study_reason  text,
    study_detail  jsonb,
    -- The reason and the detail of its own failure, likewise: the round is done without this part.
    reason        text,
    detail        jsonb,
    -- The days before this one are deleted from the plan, as the trips before it are deleted.
    days_from     date,
    -- The plan without the assignment of each trip, which is most of it and which only a study reads,
    -- without the costs of other fleets, and without the decisions, which pages read as proposals.
    shown_plan    jsonb GENERATED ALWAYS AS
        (part_plan || '{"fleet_plan": {}, "solved": [], "decisions": []}') STORED,
    -- What the verdicts that bound the plan cost, by its study.
    decisions_kr_year double precision GENERATED ALWAYS AS
        ((study ->> 'decisions_kr_year')::double precision) STORED,
    PRIMARY KEY (round_id, part)
);
CREATE INDEX round_part_digest ON round_part (digest);

-- A proposal: one decision that people can take by itself. The shape of `content` is
-- `optimiser.depot.decisions.Decision`. `key` names the same decision in every version of a round.
CREATE TABLE proposal (
    proposal_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    round_id          bigint NOT NULL REFERENCES round,
    rank              integer NOT NULL,
    depot_id          text NOT NULL REFERENCES zone,
    saving_kr_year    double precision NOT NULL,
    saving_co2_t_year double precision NOT NULL,
    content           jsonb NOT NULL,
    key               text NOT NULL DEFAULT '',
    -- Of the content, which is not unpacked for them.
    action            text GENERATED ALWAYS AS (content ->> 'action') STORED,
    vehicle_id        text GENERATED ALWAYS AS (content ->> 'vehicle_id') STORED,
    to_depot_id       text GENERATED ALWAYS AS (content #>> '{arrival,depot_id}') STORED,
    UNIQUE (round_id, rank)
);
CREATE INDEX proposal_key ON proposal (key);

-- History: the verdicts and questions on proposals; `decision_in_force` has the verdicts in force. `key`
-- is the proposal's, and `number` that of the latest round at the time (`name_decision`).
CREATE TABLE decision (
    change_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    proposal_id bigint NOT NULL REFERENCES proposal,
    verdict     text NOT NULL CHECK (verdict IN ('accepted', 'rejected', 'question', 'done', 'reopened')),
    comment     text NOT NULL,
    key         text NOT NULL,
    number      integer NOT NULL,
    actor       actor NOT NULL,
    at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX decision_proposal ON decision (proposal_id, change_id);
CREATE INDEX decision_key ON decision (key, change_id);
CREATE TRIGGER decision_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON decision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The key of the proposal and the latest round at the time stand beside each verdict, as it holds in the
-- rounds from that one on.
CREATE FUNCTION name_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT p.key, greatest(r.number, (SELECT max(number) FROM round WHERE state = 'done'))
    INTO NEW.key, NEW.number
    FROM proposal p JOIN round r USING (round_id) WHERE p.proposal_id = NEW.proposal_id;
    RETURN NEW;
END
$$;
CREATE TRIGGER decision_is_named BEFORE INSERT ON decision FOR EACH ROW EXECUTE FUNCTION name_decision();

-- History: what people say about a decision, by its key, in every round. A sending and a question wait for
-- `recipient` (NULL: the fleet unit) until an answer refers to them (`answers`) or a verdict on the decision
-- follows. A question stands in the history of the proposal, too (`decision_id`).
CREATE TABLE talk_entry (
    change_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind           text NOT NULL CHECK (kind IN ('sending', 'question', 'answer', 'comment')),
    key            text NOT NULL,
    -- The proposal on whose page it was written.
    proposal_id    bigint NOT NULL REFERENCES proposal,
    text           text NOT NULL,
    -- Who wrote it; NULL: a program, or a person at the machine itself.
    account_id     bigint REFERENCES account,
    recipient      bigint REFERENCES account,
    -- The name of the recipient when it was written; '' is the fleet unit.
    recipient_name text NOT NULL DEFAULT '',
    answer_day     date,
    answers        bigint REFERENCES talk_entry,
    decision_id    bigint REFERENCES decision,
    actor          actor NOT NULL,
    at             timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT answer_of_something CHECK ((kind = 'answer') = (answers IS NOT NULL)),
    CONSTRAINT question_in_history CHECK ((kind = 'question') = (decision_id IS NOT NULL)),
    CONSTRAINT day_of_what_waits CHECK (answer_day IS NULL OR kind IN ('sending', 'question'))
);
CREATE INDEX talk_entry_key ON talk_entry (key, change_id);
CREATE INDEX talk_entry_answers ON talk_entry (answers) WHERE answers IS NOT NULL;
CREATE TRIGGER talk_entry_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON talk_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Whether something waits for an answer. A verdict on the decision that follows answers it, too, until it is taken
-- back.
CREATE FUNCTION waits(e talk_entry) RETURNS boolean STABLE LANGUAGE sql AS $$
    SELECT e.kind IN ('sending', 'question')
       AND NOT EXISTS (SELECT FROM talk_entry a WHERE a.answers = e.change_id)
       AND coalesce((SELECT d.verdict = 'reopened' FROM decision d
                     WHERE d.key = e.key AND d.at > e.at AND d.verdict <> 'question'
                     ORDER BY d.change_id DESC LIMIT 1), true)
$$;

-- What follows from an accepted proposal: the decision `key` is to be carried out, as `proposal_id` proposes it.
-- `takes_hold` is the month from which it was promised to save. It is withdrawn when the acceptance
-- is no longer in force; what is done stays, and the key may be undertaken again.
CREATE TABLE undertaking (
    undertaking_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key          text NOT NULL,
    proposal_id  bigint NOT NULL REFERENCES proposal,
    accepted_at  timestamptz NOT NULL,
    accepted_by  actor NOT NULL,
    takes_hold   date NOT NULL CHECK (extract(day FROM takes_hold) = 1),
    done_at      timestamptz,
    withdrawn_at timestamptz,
    -- The end of its vehicle's contract and its first day out of the fleet, by which its tasks have their days.
    contract_end date,
    leaves_on    date,
    CHECK (num_nonnulls(done_at, withdrawn_at) <= 1)
);
CREATE UNIQUE INDEX undertaking_open ON undertaking (key) WHERE num_nonnulls(done_at, withdrawn_at) = 0;
CREATE INDEX undertaking_proposal ON undertaking (proposal_id);

-- The steps of an undertaking (`optimiser.ledger.steps.Step`), each with an owner and the day by which it is
-- to be done. `owner` is the name of an account or of a department; empty: nobody has it yet.
CREATE TABLE task (
    task_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    undertaking_id bigint NOT NULL REFERENCES undertaking,
    step           text NOT NULL,
    due            date NOT NULL,
    owner          text NOT NULL DEFAULT '',
    -- The account of that name; NULL: the owner is a department.
    owner_account  bigint REFERENCES account,
    note           text NOT NULL DEFAULT '',
    done_on        date,
    done_by        actor,
    -- It grows with each change, so that a person who changes an older state is told.
    revision       integer NOT NULL DEFAULT 1,
    -- The day that follows from the contract and the register; `due` is another one where a person chose it.
    planned        date NOT NULL,
    UNIQUE (undertaking_id, step),
    CHECK (owner_account IS NULL OR owner <> ''),
    CHECK ((done_on IS NULL) = (done_by IS NULL))
);

-- History: what each change of a task set.
CREATE TABLE task_change (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task_id   bigint NOT NULL REFERENCES task,
    content   jsonb NOT NULL,
    actor     actor NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX task_change_task ON task_change (task_id, change_id);
CREATE TRIGGER task_change_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON task_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Lists of journeys by taxi, hire or own car that were imported, with where they come from.
CREATE TABLE hired_list (
    list_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source      text NOT NULL CHECK (btrim(source) <> ''),
    imported_by actor NOT NULL,
    imported_at timestamptz NOT NULL DEFAULT now()
);

-- What such journeys of a department, or from a depot, came to in a month. No single journey is kept. A
-- later list takes the place of an earlier one.
CREATE TABLE hired_month (
    month      date NOT NULL CHECK (extract(day FROM month) = 1),
    means      text NOT NULL CHECK (means IN ('taxi', 'hire', 'own_car')),
    department text NOT NULL DEFAULT '',
    depot_id   text REFERENCES zone,
    journeys   integer CHECK (journeys >= 0),
    km         double precision CHECK (km >= 0),
    kr         double precision NOT NULL CHECK (kr >= 0),
    list_id    bigint NOT NULL REFERENCES hired_list,
    CHECK (department <> '' OR depot_id IS NOT NULL),
    UNIQUE NULLS NOT DISTINCT (month, means, department, depot_id)
);

-- Reports as they were when somebody kept them, so that they can be opened again and compared.
-- `content` is a `reports.frozen.FrozenReport`: it names vehicles of all departments, and no day on which
-- one drove. `digest` is the SHA-256 of it. A report is of a round, of a quarter of a plan, or of the end of the
-- pilot, which is of none.
CREATE TABLE report (
    report_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    round_id  bigint REFERENCES round,
    content   jsonb NOT NULL,
    digest    text NOT NULL,
    made_by   actor NOT NULL,
    made_at   timestamptz NOT NULL DEFAULT now(),
    kind      text NOT NULL DEFAULT 'round' CHECK (kind IN ('round', 'evaluation', 'roll_out', 'status')),
    -- Of one of a quarter: its plan, and the first day of the quarter.
    plan_id   bigint,
    quarter   date,
    CONSTRAINT report_of_round CHECK ((kind = 'round') = (round_id IS NOT NULL)),
    CONSTRAINT report_of_plan CHECK (
        (kind = 'status') = (plan_id IS NOT NULL) AND (plan_id IS NULL) = (quarter IS NULL))
);
CREATE TRIGGER report_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON report
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- History: the goals that the fleet unit states for the pilot (`optimiser.pilot_end.goals.Goal`). The last
-- row of a goal is in force; without content it is removed.
CREATE TABLE pilot_goal_change (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    goal_id   bigint GENERATED BY DEFAULT AS IDENTITY,
    content   jsonb,
    actor     actor NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX pilot_goal_change_goal ON pilot_goal_change (goal_id, change_id);
CREATE TRIGGER pilot_goal_change_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON pilot_goal_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- History: how the rest of the fleet gets its trackers (`optimiser.pilot_end.roll_out.RollOutChoice`). The
-- last row is in force. It names departments, so that heads of departments read none.
CREATE TABLE roll_out_change (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    content   jsonb NOT NULL,
    actor     actor NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER roll_out_change_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON roll_out_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The night's trial: what the fleet that a round proposes would have done on a real day of a depot. `round_id` is
-- the version that was in force then; `unknown` are the vehicles of which it is not known whether they drove.
-- `digest` is a fingerprint of all that the trial rests on: when that changes, the day is tried again.
CREATE TABLE trial_day (
    depot_id      text NOT NULL REFERENCES zone,
    day           date NOT NULL,
    round_id      bigint NOT NULL REFERENCES round,
    vehicles      integer NOT NULL CHECK (vehicles >= 0),
    trips         integer NOT NULL CHECK (trips >= 0),
    km            double precision NOT NULL CHECK (km >= 0),
    missed        integer NOT NULL CHECK (missed BETWEEN 0 AND trips),
    missed_km     double precision NOT NULL,
    missed_kr     double precision NOT NULL,
    missed_co2_kg double precision NOT NULL,
    unknown       text[] NOT NULL,
    digest        text NOT NULL,
    tried_at      timestamptz NOT NULL DEFAULT now(),
    -- The one definition of how a day went: `optimiser.trial.day.DayState`.
    state         text GENERATED ALWAYS AS (CASE WHEN missed > 0 THEN 'missed' WHEN unknown <> '{}' THEN 'unknown'
                                                 WHEN trips = 0 THEN 'still' ELSE 'coped' END) STORED,
    PRIMARY KEY (depot_id, day)
);
CREATE INDEX trial_day_round ON trial_day (round_id);

-- A round trip of such a day for which the proposed fleet had no vehicle, and what it would have cost by taxi,
-- hire or own car. It is known by its number, which tells nothing when the trip is gone.
CREATE TABLE trial_miss (
    depot_id    text NOT NULL,
    day         date NOT NULL,
    trip_number bigint NOT NULL,
    reason      text NOT NULL,
    km          double precision NOT NULL,
    kr          double precision NOT NULL,
    co2_kg      double precision NOT NULL,
    -- The rules of the round do not let it go by taxi.
    own_only    boolean NOT NULL,
    PRIMARY KEY (depot_id, day, trip_number),
    FOREIGN KEY (depot_id, day) REFERENCES trial_day ON DELETE CASCADE
);

-- What-ifs: named sets of changes (`optimiser.what_if.changes.Changes`) that are solved beside a version of a
-- round, which they never change. `depots` are solved, and `departments` had vehicles there. One is seen
-- by who asked it, and once it is shared also by the fleet unit and the heads of these departments. It
-- goes by itself unless somebody keeps it. `answer` is an `optimiser.what_if.answer.Answer`; it names no
-- vehicle and no day.
CREATE TABLE what_if (
    what_if_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    round_id     bigint NOT NULL REFERENCES round,
    name         text NOT NULL CHECK (btrim(name) <> ''),
    depots       text[] NOT NULL CHECK (cardinality(depots) > 0),
    departments  text[] NOT NULL,
    changes      jsonb NOT NULL,
    asked_by     actor NOT NULL,
    -- NULL: a program, or a person at the machine itself.
    account_id   bigint REFERENCES account,
    asked_at     timestamptz NOT NULL DEFAULT now(),
    state        text NOT NULL DEFAULT 'queued'
                 CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    -- The parts of the round that it takes, and how many of them are solved.
    parts        integer NOT NULL,
    solved_parts integer NOT NULL DEFAULT 0,
    finished_at  timestamptz,
    -- The reason and the detail of its failure, as in `round`.
    reason       text NOT NULL DEFAULT '',
    detail       jsonb,
    answer       jsonb,
    kept_at      timestamptz,
    shared_at    timestamptz,
    thrown_at    timestamptz,
    -- It grows with each act, so that a person who acts on an older state is told.
    revision     integer NOT NULL DEFAULT 1
);
CREATE INDEX what_if_there ON what_if (what_if_id) WHERE thrown_at IS NULL;

-- The vehicles of which a what-if makes something else than its round: an `optimiser.what_if.answer.Outcome`
-- each.
CREATE TABLE what_if_vehicle (
    what_if_id bigint NOT NULL REFERENCES what_if,
    vehicle_id text NOT NULL REFERENCES vehicle,
    depot_id   text NOT NULL REFERENCES zone,
    in_round   jsonb NOT NULL,
    in_answer  jsonb NOT NULL,
    PRIMARY KEY (what_if_id, vehicle_id)
);

-- History: what people did with a what-if.
CREATE TABLE what_if_change (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    what_if_id bigint NOT NULL REFERENCES what_if,
    content    jsonb NOT NULL,
    actor      actor NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX what_if_change_what_if ON what_if_change (what_if_id, change_id);
CREATE TRIGGER what_if_change_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON what_if_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The number of the first round in which what was carried out in the round `done_in` is over: a vehicle that
-- was to leave is not in the register of that round (or stands elsewhere, if it was to move). Until then
-- nobody is asked again. What is about no vehicle that leaves is over in the next round.
CREATE FUNCTION done_until(of_key text, done_in integer) RETURNS integer STABLE LANGUAGE sql AS $$
    SELECT CASE WHEN of_key ~ '^(dispose|replace|move):' THEN
        coalesce((
            SELECT min(r.number) FROM round r
            WHERE r.number > done_in
              AND (r.state = 'done' OR EXISTS (SELECT FROM round_register g WHERE g.round_id = r.round_id))
              AND NOT EXISTS (
                  SELECT FROM round v JOIN round_register g USING (round_id)
                  WHERE v.number = r.number AND g.subject = 'vehicle'
                    AND g.subject_id = substring(of_key FROM '^(?:dispose:|replace:|move:[^:]*:)(.*)$')
                    AND (of_key NOT LIKE 'move:%'
                         OR g.facts ->> 'depot_id' = (SELECT p.depot_id FROM proposal p JOIN round o USING (round_id)
                                                      WHERE p.key = of_key AND o.number <= done_in
                                                      ORDER BY p.round_id DESC LIMIT 1)))), 2147483647)
        ELSE done_in + 1 END
$$;

-- Whether the register has what a proposal of the depot `of_depot` changes in it: the vehicle is out of the
-- fleet, or at another depot. What is about no vehicle that leaves changes nothing in it.
-- It returns a table, for only so the planner makes it a part of the statement.
CREATE FUNCTION register_follows(of_action text, of_vehicle text, of_depot text)
RETURNS TABLE (follows boolean) STABLE LANGUAGE sql AS $$
    SELECT CASE WHEN of_action IN ('dispose', 'replace')
                THEN EXISTS (SELECT FROM vehicle v WHERE v.vehicle_id = of_vehicle AND NOT in_fleet(v.retired_at))
                WHEN of_action = 'move'
                THEN EXISTS (SELECT FROM vehicle v WHERE v.vehicle_id = of_vehicle AND v.depot_id <> of_depot)
                ELSE true END
$$;

-- Whether a proposal with the same key proposes what was accepted: as `accepted_otherwise` of
-- `optimiser.rounds.decisions`.
CREATE FUNCTION proposes_same(content jsonb, accepted jsonb) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE WHEN content ->> 'new_kind_id' IS NULL OR accepted ->> 'new_kind_id' IS NULL
                THEN content ->> 'new_kind' IS NOT DISTINCT FROM accepted ->> 'new_kind'
                ELSE content ->> 'new_kind_id' = accepted ->> 'new_kind_id' END
       AND (content ->> 'action' <> 'buy'
            OR content -> 'count' = accepted -> 'count'
               AND coalesce(content -> 'come', '0') = coalesce(accepted -> 'come', '0')
            OR (content ->> 'count')::integer + coalesce((content ->> 'come')::integer, 0)
               = (accepted ->> 'count')::integer)
       AND (content ->> 'action' <> 'pool' OR content -> 'departments' @> (accepted -> 'departments')
                                              AND content -> 'departments' <@ (accepted -> 'departments'))
$$;

-- The verdict in force on each decision in each round, by the round in which people gave it. The last one
-- counts, on whichever version and in whichever round somebody gave it, with two ends: what was carried
-- out is over once the register has it so (`done_until`), so that its key is free again, and what was
-- reopened is undecided. A question is no verdict: the verdict before it stays in force, and the question is
-- open (`asked`) until somebody answers it or a verdict follows. An earlier round has the verdicts that stood
-- at its end.
CREATE VIEW decision_in_force AS
WITH entry AS MATERIALIZED (
    SELECT change_id, key, number, verdict, comment, actor, at FROM decision
), given AS (
    SELECT key, number, max(change_id) FILTER (WHERE verdict <> 'question') AS verdict_id,
           max(change_id) AS last_id
    FROM entry GROUP BY key, number
), ending AS (
    SELECT g.*, CASE WHEN e.verdict = 'done' THEN done_until(g.key, g.number) END AS done_until,
           lead(g.number, 1, 2147483647) OVER (PARTITION BY g.key ORDER BY g.number) AS next_number
    FROM given g LEFT JOIN entry e ON e.change_id = g.verdict_id
), era AS (
    SELECT *, count(*) FILTER (WHERE done_until <= next_number) OVER (
               PARTITION BY key ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS era
    FROM ending
), standing AS (
    SELECT key, number AS first_number, next_number,
           max(verdict_id) OVER (PARTITION BY key, era ORDER BY number) AS verdict_id, last_id
    FROM era
)
SELECT r.number, s.key, nullif(e.verdict, 'reopened') AS verdict,
       s.verdict_id IS DISTINCT FROM s.last_id AND EXISTS (
           SELECT FROM decision q
           WHERE q.key = s.key AND q.verdict = 'question' AND q.change_id <= s.last_id
             AND q.change_id > coalesce((SELECT max(v.change_id) FROM decision v
                                         WHERE v.key = s.key AND v.verdict <> 'question'
                                           AND v.change_id <= s.last_id), 0)
             AND NOT EXISTS (SELECT FROM talk_entry t JOIN talk_entry a ON a.answers = t.change_id
                             WHERE t.decision_id = q.change_id)) AS asked,
       l.number AS asked_in,
       e.number AS decided_in, e.actor AS decided_by, e.at AS decided_at, e.comment
FROM (SELECT DISTINCT number FROM round) r
JOIN standing s ON r.number >= s.first_number AND r.number < s.next_number
LEFT JOIN entry e ON e.change_id = s.verdict_id
LEFT JOIN ending d ON d.verdict_id = s.verdict_id
JOIN entry l ON l.change_id = s.last_id
WHERE d.done_until IS NULL OR r.number < d.done_until;

-- The round whose verdicts stand on the page of a proposal of the round `of_number`: that one, and for the
-- last proposal of its key the latest round that is done, since people decide there; of what is delivered
-- the last round in which that it is done was in force.
-- It returns a table, for only so the planner makes it a part of the statement.
CREATE FUNCTION decided_as_of(of_key text, of_number integer) RETURNS TABLE (number integer)
STABLE LANGUAGE sql AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM proposal p JOIN round r USING (round_id)
                             WHERE p.key = of_key AND r.number > of_number AND r.state = 'done')
           THEN of_number
           ELSE greatest(of_number, least(
               (SELECT max(l.number) FROM round l WHERE l.state = 'done'),
               (SELECT CASE WHEN d.verdict = 'done' THEN done_until(of_key, d.number) - 1 END FROM decision d
                WHERE d.key = of_key AND d.verdict <> 'question' ORDER BY d.change_id DESC LIMIT 1))) END
$$;

-- An array of days, or of objects that each have a `day`, without the days in `gone`.
CREATE FUNCTION without_days(days jsonb, gone datemultirange) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_agg(d ORDER BY n), '[]')
    FROM jsonb_array_elements(days) WITH ORDINALITY AS each (d, n)
    WHERE NOT coalesce(d ->> 'day', d #>> '{}')::date <@ gone
$$;

-- A part's plan (`optimiser.depot.part_plan.PartPlan`) without the days and moments in `gone`. The
-- function deletes them from the depots of the vehicle `of_vehicle` and from all decisions there, as the
-- days on which other vehicles were short tell when this one was out. If `of_vehicle` is NULL, it deletes
-- them from all depots. The figures stay, as people decided on them.
CREATE FUNCTION part_plan_without_days(part_plan jsonb, of_vehicle text, gone datemultirange)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    WITH own AS (
        SELECT d ->> 'depot_id' AS depot_id FROM jsonb_array_elements(part_plan -> 'decisions') AS d
        WHERE d ->> 'vehicle_id' = of_vehicle
    )
    SELECT part_plan || jsonb_build_object(
        'decisions', (
            SELECT coalesce(jsonb_agg(
                CASE WHEN of_vehicle IS NULL OR d ->> 'depot_id' IN (SELECT depot_id FROM own) THEN
                    d || jsonb_build_object('tight_days', without_days(d -> 'tight_days', gone))
                ELSE d END ORDER BY n), '[]')
            FROM jsonb_array_elements(part_plan -> 'decisions') WITH ORDINALITY AS each (d, n)),
        'depots', (
            SELECT coalesce(jsonb_agg(
                CASE WHEN of_vehicle IS NULL OR d ->> 'depot_id' IN (SELECT depot_id FROM own) THEN
                    d || jsonb_build_object(
                        'tight_days', without_days(d -> 'tight_days', gone),
                        'peak_at', CASE WHEN
                            ((d ->> 'peak_at')::timestamptz AT TIME ZONE 'Europe/Copenhagen')::date <@ gone
                            IS NOT TRUE THEN d -> 'peak_at' END)
                ELSE d END ORDER BY n), '[]')
            FROM jsonb_array_elements(part_plan -> 'depots') WITH ORDINALITY AS each (d, n)))
$$;

-- Deletes the days in `gone` of a vehicle and its depots from all rounds.
CREATE FUNCTION forget_days(of_vehicle text, gone datemultirange) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE proposal SET content = content || jsonb_build_object(
        'tight_days', without_days(content -> 'tight_days', gone))
    WHERE (round_id, depot_id) IN (SELECT round_id, depot_id FROM proposal
                                   WHERE content ->> 'vehicle_id' = of_vehicle)
      AND content -> 'tight_days' <> without_days(content -> 'tight_days', gone);
    UPDATE round_part p SET part_plan = part_plan_without_days(part_plan, of_vehicle, gone)
    FROM round r
    WHERE r.round_id = p.round_id
      -- A trip that begins in the period of the round may end after it.
      AND daterange(r.period_first, r.period_last + 60) && gone
      AND part_plan -> 'decisions' @> jsonb_build_array(jsonb_build_object('vehicle_id', of_vehicle));
    -- The worker tries these days again, without the trips that are gone.
    DELETE FROM trial_day
    WHERE day <@ gone AND depot_id IN (SELECT depot_id FROM vehicle WHERE vehicle_id = of_vehicle
                                       UNION SELECT depot_id FROM proposal
                                       WHERE content ->> 'vehicle_id' = of_vehicle);
END
$$;

-- Purchases and disposals ---------------------------------------------------------------------

-- History: the principles of purchase and disposal as the municipality changed them. Where it changed
-- none, those of `optimiser/purchases/principles.toml` hold.
CREATE TABLE purchase_principle (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- A value of `optimiser.purchases.principles.Principle`, which says what the figure is.
    principle text NOT NULL,
    text_da   text NOT NULL,
    text_en   text NOT NULL,
    figure    double precision NOT NULL CHECK (figure >= 0),
    from_year integer NOT NULL,
    in_force  boolean NOT NULL,
    source    text NOT NULL CHECK (btrim(source) <> ''),
    actor     actor NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX purchase_principle_latest ON purchase_principle (principle, change_id DESC);
CREATE TRIGGER purchase_principle_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON purchase_principle
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What departments ask for, and how the fleet unit answered. `checked` is what the principles said of it
-- on the day of the answer, in codes and figures, and names no vehicle of another department.
CREATE TABLE vehicle_request (
    request_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    department  text NOT NULL CHECK (department <> ''),
    depot_id    text NOT NULL REFERENCES zone,
    -- NULL: any kind that offers `needs`.
    kind        text REFERENCES vehicle_kind,
    needs       text[] NOT NULL DEFAULT '{}',
    energy      text NOT NULL,
    wanted_from date NOT NULL,
    days_week   double precision NOT NULL CHECK (days_week > 0 AND days_week <= 7),
    reason      text NOT NULL CHECK (btrim(reason) <> ''),
    -- The vehicle in whose place it comes.
    replaces    text REFERENCES vehicle,
    asked_by    actor NOT NULL,
    asked_at    timestamptz NOT NULL DEFAULT now(),
    state       text NOT NULL DEFAULT 'open'
                CHECK (state IN ('open', 'approved', 'offered', 'refused', 'withdrawn')),
    answer      text NOT NULL DEFAULT '',
    principle   text,
    -- The energy that was approved, and why it is none that is green.
    approved_energy text,
    not_green   text NOT NULL DEFAULT '',
    -- The vehicle that was offered, with its name and the name of its depot: who asked may not see it.
    offered     text REFERENCES vehicle,
    offered_name text NOT NULL DEFAULT '',
    offered_depot text NOT NULL DEFAULT '',
    checked     jsonb,
    answered_by actor,
    answered_at timestamptz,
    -- It grows with each change, so that two people do not answer one request.
    revision    integer NOT NULL DEFAULT 1,
    CONSTRAINT whole_answer CHECK ((answered_by IS NULL) = (answered_at IS NULL)
        AND (answered_by IS NULL) = (state = 'open')),
    CONSTRAINT offered_vehicle CHECK ((state = 'offered') = (offered IS NOT NULL)),
    CONSTRAINT approved_with_energy CHECK ((state = 'approved') = (approved_energy IS NOT NULL))
);
CREATE INDEX vehicle_request_state ON vehicle_request (state, request_id);

-- History: what each change of a request set.
CREATE TABLE vehicle_request_change (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id bigint NOT NULL REFERENCES vehicle_request,
    content    jsonb NOT NULL,
    actor      actor NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX vehicle_request_change_request ON vehicle_request_change (request_id, change_id);
CREATE TRIGGER vehicle_request_change_refuses_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON vehicle_request_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The vehicles that were bought or leased. `energy` is the one that its kind had then.
CREATE TABLE purchase (
    purchase_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The request that it answers; NULL: it was recorded by itself.
    request_id   bigint REFERENCES vehicle_request,
    bought_on    date NOT NULL,
    -- NULL: it is not in the register of vehicles yet.
    vehicle_id   text REFERENCES vehicle,
    kind         text NOT NULL REFERENCES vehicle_kind,
    energy       text NOT NULL,
    department   text NOT NULL CHECK (department <> ''),
    price_kr     double precision CHECK (price_kr >= 0),
    lease_kr_year double precision CHECK (lease_kr_year >= 0),
    principle    text NOT NULL,
    reason       text NOT NULL CHECK (btrim(reason) <> ''),
    -- Why it runs on nothing green; empty where it does.
    not_green    text NOT NULL DEFAULT '',
    recorded_by  actor NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT now(),
    -- Why it counts no more: it was recorded in error, or given back.
    withdrawn    text NOT NULL DEFAULT '',
    revision     integer NOT NULL DEFAULT 1,
    CONSTRAINT price_or_lease CHECK (num_nonnulls(price_kr, lease_kr_year) = 1)
);
CREATE UNIQUE INDEX purchase_request ON purchase (request_id) WHERE withdrawn = '';
CREATE UNIQUE INDEX purchase_vehicle ON purchase (vehicle_id) WHERE withdrawn = '';

-- History: what each change of a purchase set.
CREATE TABLE purchase_change (
    change_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    purchase_id bigint NOT NULL REFERENCES purchase,
    content     jsonb NOT NULL,
    actor       actor NOT NULL,
    at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX purchase_change_purchase ON purchase_change (purchase_id, change_id);
CREATE TRIGGER purchase_change_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON purchase_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- History: by which principle vehicles left the fleet. That they left is told by the register.
CREATE TABLE disposal_reason (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    vehicle_id text NOT NULL REFERENCES vehicle,
    principle  text NOT NULL,
    reason     text NOT NULL CHECK (btrim(reason) <> ''),
    actor      actor NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX disposal_reason_vehicle ON disposal_reason (vehicle_id, change_id DESC);
CREATE TRIGGER disposal_reason_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON disposal_reason
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The plan ------------------------------------------------------------------------------------

-- A plan of a year, as a document tells it. `title` is the document's own, `name` what people call it.
CREATE TABLE plan (
    plan_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL DEFAULT '',
    title      text,
    year       integer CHECK (year BETWEEN 1990 AND 2200),
    -- The policies that the plan serves.
    policies   text[] NOT NULL DEFAULT '{}',
    -- What the importer could not place: `tracker.importer.plan_file`.
    not_placed jsonb NOT NULL DEFAULT '[]',
    -- It came with the system: nobody has confirmed it, and nothing in it is late before somebody takes it.
    is_shipped boolean NOT NULL DEFAULT false,
    -- The plan of the year before, of which it goes on.
    follows    bigint REFERENCES plan,
    revision   integer NOT NULL DEFAULT 1,
    -- Somebody removed it, on which nobody had reported.
    removed_at timestamptz
);

-- History: the documents that people confirmed, each as the importer read it and they corrected it. The last
-- one of a plan is that to whose lines and pages its milestones point.
CREATE TABLE plan_reading (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id   bigint NOT NULL REFERENCES plan,
    file_name text NOT NULL,
    -- SHA-256 of the document, in hexadecimal digits.
    digest    text NOT NULL,
    content   jsonb NOT NULL,
    actor     actor NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX plan_reading_plan ON plan_reading (plan_id, change_id);
CREATE INDEX plan_reading_digest ON plan_reading (digest);
CREATE TRIGGER plan_reading_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_reading
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A document that was read, and that nobody has confirmed yet.
CREATE TABLE plan_draft (
    -- SHA-256 of the document, in hexadecimal digits.
    digest    text PRIMARY KEY,
    file_name text NOT NULL,
    -- `tracker.documents.drafts.Draft`, packed.
    content   bytea NOT NULL,
    read_at   timestamptz NOT NULL DEFAULT now()
);

-- Who has a part in a plan, with an account or without. Who left keeps what was theirs until somebody gives it
-- to another.
CREATE TABLE plan_contact (
    contact_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL CHECK (btrim(name) <> ''),
    email      text NOT NULL DEFAULT '',
    centre     text NOT NULL DEFAULT '',
    account_id bigint UNIQUE REFERENCES account,
    left_at    timestamptz,
    -- The last time that the person said something of a milestone.
    heard_at   timestamptz,
    revision   integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX plan_contact_person ON plan_contact (lower(name), lower(email));

-- The numbers in the ids of programmes, initiatives and milestones that do not come with the system.
CREATE SEQUENCE plan_part_number;

CREATE TABLE programme (
    programme_id      text PRIMARY KEY DEFAULT 'p' || nextval('plan_part_number'),
    plan_id           bigint NOT NULL REFERENCES plan,
    rank              integer NOT NULL,
    -- As the document has it, such as 4.1; '' where it has none.
    number            text NOT NULL DEFAULT '',
    name              text NOT NULL,
    purpose           text NOT NULL DEFAULT '',
    success_criteria  text[] NOT NULL DEFAULT '{}',
    partners_internal text[] NOT NULL DEFAULT '{}',
    partners_external text[] NOT NULL DEFAULT '{}',
    -- The document names it. One that is not stands for a section whose programme the document does not tell.
    is_written        boolean NOT NULL DEFAULT true,
    -- A reading without it was confirmed then.
    gone_at           timestamptz,
    revision          integer NOT NULL DEFAULT 1,
    -- Somebody typed it: it stays whatever a document has.
    is_typed          boolean NOT NULL DEFAULT false
);
CREATE INDEX programme_plan ON programme (plan_id, rank);

-- The work that a programme may use, by centre, '' where none is named. `aarsvaerk`: years of work of one
-- person; NULL: a share without a number.
CREATE TABLE programme_resource (
    programme_id text NOT NULL REFERENCES programme,
    rank         integer NOT NULL,
    centre       text NOT NULL,
    aarsvaerk    double precision CHECK (aarsvaerk >= 0),
    PRIMARY KEY (programme_id, rank)
);

CREATE TABLE initiative (
    initiative_id text PRIMARY KEY DEFAULT 'i' || nextval('plan_part_number'),
    programme_id  text NOT NULL REFERENCES programme,
    name          text NOT NULL,
    rank          integer NOT NULL,
    -- The number of its heading, or the heading itself where headings have none.
    section       text NOT NULL DEFAULT '',
    gone_at       timestamptz,
    -- Somebody typed it, as a programme.
    is_typed      boolean NOT NULL DEFAULT false
);
CREATE INDEX initiative_programme ON initiative (programme_id, rank);

-- The meetings of committees, which people keep, and on whose agenda milestones stand. One that is removed is kept,
-- as history names it.
CREATE TABLE plan_meeting (
    meeting_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    committee  text NOT NULL CHECK (btrim(committee) <> ''),
    day        date NOT NULL,
    removed_at timestamptz,
    revision   integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX plan_meeting_of_day ON plan_meeting (lower(committee), day) WHERE removed_at IS NULL;

-- History: the changes of meetings.
CREATE TABLE plan_meeting_change (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    meeting_id bigint NOT NULL REFERENCES plan_meeting,
    content    jsonb NOT NULL,
    before     jsonb NOT NULL,
    actor      actor NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX plan_meeting_change_meeting ON plan_meeting_change (meeting_id, change_id);
CREATE TRIGGER plan_meeting_change_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_meeting_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The product computes from the quarter whether a milestone is late, and does not store it.
CREATE TABLE milestone (
    milestone_id  text PRIMARY KEY DEFAULT 'm' || nextval('plan_part_number'),
    plan_id       bigint NOT NULL REFERENCES plan,
    programme_id  text NOT NULL REFERENCES programme,
    -- NULL: it stands in its programme itself.
    initiative_id text REFERENCES initiative,
    section       text NOT NULL DEFAULT '',
    rank          integer NOT NULL,
    -- Its id in the file of the plan.
    document_id   text NOT NULL,
    -- The words of the document, and what people call it in short; '': nothing else.
    text          text NOT NULL CHECK (btrim(text) <> ''),
    own_words     text NOT NULL DEFAULT '',
    level         text NOT NULL DEFAULT 'top' CHECK (level IN ('top', 'sub')),
    parent_id     text REFERENCES milestone,
    year          integer CHECK (year BETWEEN 1990 AND 2200),
    quarter_from  integer CHECK (quarter_from BETWEEN 1 AND 4),
    quarter_to    integer CHECK (quarter_to BETWEEN 1 AND 4),
    quarter_as_written text,
    -- The document had lost the quarter's number, and who confirmed the one that was inferred.
    is_inferred   boolean NOT NULL DEFAULT false,
    quarter_confirmed_by actor,
    line_from     integer,
    line_to       integer,
    page          integer,
    status        text NOT NULL DEFAULT 'not_started'
                  CHECK (status IN ('not_started', 'in_progress', 'done', 'postponed', 'merged', 'dropped')),
    note          text NOT NULL DEFAULT '',
    -- It is due in another quarter than the plan has.
    postponed_year    integer CHECK (postponed_year BETWEEN 1990 AND 2200),
    postponed_quarter integer CHECK (postponed_quarter BETWEEN 1 AND 4),
    merged_into   text REFERENCES milestone,
    -- The last time that somebody said how far it is; NULL: nobody has yet.
    said_at       timestamptz,
    owner_id      bigint REFERENCES plan_contact,
    deputy_id     bigint REFERENCES plan_contact,
    centre        text NOT NULL DEFAULT '',
    is_political  boolean NOT NULL DEFAULT false,
    -- Who is to decide something of it, and before which day; '': no decision is needed.
    decider       text NOT NULL DEFAULT '',
    decision_before date,
    -- The fact of the system that answers it (`tracker.facts.Fact`).
    fact          text,
    -- A reading without it was confirmed then.
    gone_at       timestamptz,
    -- The milestone of the year before that it goes on from.
    follows       text REFERENCES milestone,
    -- It grows with each change, so that a person who changes an older state is told.
    revision      integer NOT NULL DEFAULT 1,
    -- Somebody typed it, as a programme.
    is_typed      boolean NOT NULL DEFAULT false,
    -- The meeting on whose agenda it stands.
    meeting_id    bigint REFERENCES plan_meeting,
    -- What is searched for words, in small letters.
    words         text NOT NULL GENERATED ALWAYS AS
                  (lower(text || ' ' || own_words || ' ' || note || ' ' || section || ' ' || document_id || ' ' || centre))
                  STORED,
    UNIQUE (plan_id, document_id) DEFERRABLE INITIALLY DEFERRED,
    CHECK (num_nonnulls(quarter_from, quarter_to) IN (0, 2) AND quarter_from <= quarter_to),
    CHECK (num_nonnulls(postponed_year, postponed_quarter) IN (0, 2)),
    CHECK (status <> 'postponed' OR postponed_year IS NOT NULL),
    CHECK ((status = 'merged') = (merged_into IS NOT NULL) AND merged_into <> milestone_id),
    CHECK (status <> 'dropped' OR btrim(note) <> ''),
    CHECK (decider <> '' OR decision_before IS NULL)
);
CREATE INDEX milestone_plan ON milestone (plan_id, rank);
CREATE INDEX milestone_programme ON milestone (programme_id);
CREATE INDEX milestone_owner ON milestone (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX milestone_deputy ON milestone (deputy_id) WHERE deputy_id IS NOT NULL;
CREATE INDEX milestone_fact ON milestone (milestone_id) WHERE fact IS NOT NULL;
CREATE INDEX milestone_meeting ON milestone (meeting_id) WHERE meeting_id IS NOT NULL;

-- Whether a change of which this stood `before` changed how a milestone stands in its plan.
CREATE FUNCTION changed_standing(before jsonb) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$
    SELECT before ?| ARRAY['programme_id', 'status', 'year', 'quarter_to', 'postponed_year', 'postponed_quarter',
                           'fact', 'gone_at', 'added']
$$;

-- What stood before several changes, the latest first.
CREATE AGGREGATE undone(jsonb) (SFUNC = jsonb_concat, STYPE = jsonb, INITCOND = '{}');

-- History: what each change of a milestone set, and what stood there before. By `before`, what held on an
-- earlier day is known.
CREATE TABLE milestone_change (
    change_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    milestone_id text NOT NULL REFERENCES milestone,
    content      jsonb NOT NULL,
    before       jsonb NOT NULL,
    actor        actor NOT NULL,
    at           timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX milestone_change_milestone ON milestone_change (milestone_id, change_id);
CREATE INDEX milestone_change_at ON milestone_change (at);
CREATE INDEX milestone_change_standing ON milestone_change (at) WHERE changed_standing(before);
CREATE TRIGGER milestone_change_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON milestone_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The same matter through the quarters. One whose milestones have the same words recurs.
CREATE TABLE strand (
    strand_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id   bigint NOT NULL REFERENCES plan,
    rank      integer NOT NULL,
    section   text NOT NULL DEFAULT '',
    title     text NOT NULL,
    -- Somebody typed its milestones.
    is_typed  boolean NOT NULL DEFAULT false
);
CREATE INDEX strand_plan ON strand (plan_id, rank);

CREATE TABLE strand_member (
    strand_id    bigint NOT NULL REFERENCES strand ON DELETE CASCADE,
    rank         integer NOT NULL,
    milestone_id text NOT NULL REFERENCES milestone,
    PRIMARY KEY (strand_id, rank),
    UNIQUE (strand_id, milestone_id)
);
CREATE INDEX strand_member_milestone ON strand_member (milestone_id);

-- Who is written to for a centre, where neither owner nor deputy answers.
CREATE TABLE centre_contact (
    centre     text PRIMARY KEY CHECK (btrim(centre) <> ''),
    contact_id bigint NOT NULL REFERENCES plan_contact
);
CREATE INDEX centre_contact_contact ON centre_contact (contact_id);

-- The follow-up of a plan in a quarter: owners are asked to answer by `due_on` how far their milestones are.
-- Links work until `ends_on`, or until somebody closes the quarter.
CREATE TABLE follow_up (
    follow_up_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id      bigint NOT NULL REFERENCES plan,
    year         integer NOT NULL CHECK (year BETWEEN 1990 AND 2200),
    quarter      integer NOT NULL CHECK (quarter BETWEEN 1 AND 4),
    due_on       date NOT NULL,
    ends_on      date NOT NULL CHECK (ends_on >= due_on),
    -- Whom people turn to, and their account, if they have one.
    opened_by    actor NOT NULL,
    account_id   bigint REFERENCES account,
    opened_at    timestamptz NOT NULL DEFAULT now(),
    closed_at    timestamptz,
    UNIQUE (plan_id, year, quarter)
);

-- A link by which a contact answers without an account; the table stores the hash of its token only. `step` is
-- the contact's place among those who are asked for a milestone, one after the other: the owner, the deputy, the
-- centre.
CREATE TABLE follow_up_link (
    link_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    follow_up_id bigint NOT NULL REFERENCES follow_up,
    contact_id   bigint NOT NULL REFERENCES plan_contact,
    step         integer NOT NULL CHECK (step BETWEEN 0 AND 2),
    reason       text NOT NULL CHECK (reason IN ('asked', 'reminded', 'again')),
    token_sha256 bytea NOT NULL UNIQUE,
    made_at      timestamptz NOT NULL DEFAULT now(),
    revoked_at   timestamptz
);
-- Nobody is asked or reminded twice, however many processes do it at the same moment.
CREATE UNIQUE INDEX follow_up_link_once ON follow_up_link (follow_up_id, contact_id, step, reason)
    WHERE reason <> 'again';
CREATE INDEX follow_up_link_contact ON follow_up_link (contact_id);

-- By what a programme or a milestone is measured: `tracker.indicators`. `scale` are the agreed words, the
-- lowest first, of an indicator that is not counted; its values are their numbers from 1.
CREATE TABLE indicator (
    indicator_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    programme_id text REFERENCES programme,
    milestone_id text REFERENCES milestone,
    name         text NOT NULL CHECK (btrim(name) <> ''),
    kind         text NOT NULL CHECK (kind IN ('output', 'outcome', 'impact')),
    scale        text[] NOT NULL DEFAULT '{}',
    unit         text NOT NULL DEFAULT '',
    target       double precision,
    target_day   date,
    source       text NOT NULL DEFAULT '',
    -- The figure of the system that it reads (`tracker.figures.Figure`); NULL: people say its values.
    figure       text,
    removed_at   timestamptz,
    revision     integer NOT NULL DEFAULT 1,
    CHECK (num_nonnulls(programme_id, milestone_id) = 1),
    CHECK (target IS NOT NULL OR target_day IS NULL),
    CHECK (figure IS NULL OR scale = '{}')
);
CREATE INDEX indicator_programme ON indicator (programme_id) WHERE programme_id IS NOT NULL;
CREATE INDEX indicator_milestone ON indicator (milestone_id) WHERE milestone_id IS NOT NULL;

-- History: the values of an indicator. The last row of a day is in force; without a value there is none.
CREATE TABLE indicator_value (
    change_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    indicator_id bigint NOT NULL REFERENCES indicator,
    day          date NOT NULL,
    value        double precision,
    source       text NOT NULL DEFAULT '',
    -- How good the value is, in words.
    quality      text NOT NULL DEFAULT '',
    actor        actor NOT NULL,
    at           timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX indicator_value_day ON indicator_value (indicator_id, day, change_id DESC);
CREATE TRIGGER indicator_value_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON indicator_value
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- History: the changes of a plan, its programmes, initiatives, strands, indicators and follow-ups.
CREATE TABLE plan_change (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id    bigint NOT NULL REFERENCES plan,
    subject    text NOT NULL CHECK (subject IN ('plan', 'programme', 'initiative', 'strand', 'indicator', 'follow_up',
                                                'calendar')),
    subject_id text NOT NULL,
    content    jsonb NOT NULL,
    before     jsonb NOT NULL,
    actor      actor NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX plan_change_plan ON plan_change (plan_id, change_id);
CREATE TRIGGER plan_change_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The addresses at which a plan is subscribed to as a calendar, by the hashes of their tokens. One is ended and
-- never deleted, as history names it.
CREATE TABLE plan_calendar (
    calendar_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_sha256 bytea NOT NULL UNIQUE,
    plan_id      bigint NOT NULL REFERENCES plan,
    label        text NOT NULL CHECK (btrim(label) <> ''),
    language     text NOT NULL,
    shows_owners boolean NOT NULL,
    made_by      actor NOT NULL,
    made_at      timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    ended_at     timestamptz
);
CREATE INDEX plan_calendar_plan ON plan_calendar (plan_id, calendar_id);

-- The scope of a department's head ------------------------------------------------------------------

-- A session that reads for the head of a department has the role `flaade_scoped` and names the departments
-- in `flaade.departments` (`db.scope.seen_by`). The policies here leave it the rows of their vehicles only,
-- so that a statement without a filter leaks nothing. The owner of the tables, which all other sessions
-- are, is not subject to policies. A table that the role is not granted is out of its reach, as every new
-- one is at first.
DO $$
BEGIN
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'flaade_scoped') THEN
            BEGIN
                CREATE ROLE flaade_scoped NOLOGIN;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- Another database of the server was set up at the same moment.
            END;
        END IF;
        BEGIN
            SET LOCAL ROLE flaade_scoped;
            SET LOCAL ROLE NONE;
        EXCEPTION WHEN insufficient_privilege THEN
            GRANT flaade_scoped TO CURRENT_USER;
        END;
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE insufficient_privilege USING MESSAGE = format(
            'the database user %1$I may not make the role flaade_scoped, by which heads of departments see '
            'their own departments only; let an administrator of the server run: '
            'CREATE ROLE flaade_scoped NOLOGIN; GRANT flaade_scoped TO %1$I', current_user);
    END;
END
$$;

-- Whether this session reads for the head of a department.
CREATE FUNCTION is_scoped() RETURNS boolean STABLE LANGUAGE sql AS $$
    SELECT coalesce(current_setting('flaade.departments', true), '') <> ''
$$;

CREATE FUNCTION scope_departments() RETURNS text[] STABLE LANGUAGE sql AS $$
    SELECT ARRAY(SELECT jsonb_array_elements_text(
        coalesce(nullif(current_setting('flaade.departments', true), ''), '[]')::jsonb))
$$;

CREATE FUNCTION scope_vehicles() RETURNS text[] STABLE SECURITY DEFINER SET search_path FROM CURRENT
LANGUAGE sql AS $$
    SELECT ARRAY(SELECT vehicle_id FROM vehicle WHERE department = ANY (scope_departments()))
$$;

-- The name by which people are shown a vehicle: its own, and where another vehicle has the same, what tells
-- the two apart: the registration number, or else the depot, the department or the id. It reads with the
-- rights of its owner, for a vehicle is called the same whoever asks, and shows a head their own only.
CREATE VIEW vehicle_shown AS
SELECT v.vehicle_id,
       CASE WHEN NOT EXISTS (SELECT FROM vehicle w
                             WHERE lower(w.name) = lower(v.name) AND w.vehicle_id <> v.vehicle_id)
       THEN v.name
       ELSE v.name || ' (' || CASE
           WHEN v.plate IS NOT NULL
                AND NOT EXISTS (SELECT FROM vehicle w
                                WHERE lower(w.name) = lower(v.name) AND w.vehicle_id <> v.vehicle_id
                                  AND w.plate = v.plate)
           THEN v.plate
           WHEN NOT EXISTS (SELECT FROM vehicle w JOIN zone z ON z.zone_id = w.depot_id
                            WHERE lower(w.name) = lower(v.name) AND w.vehicle_id <> v.vehicle_id
                              AND z.name = (SELECT name FROM zone WHERE zone_id = v.depot_id))
           THEN (SELECT name FROM zone WHERE zone_id = v.depot_id)
           WHEN v.department <> ''
                AND NOT EXISTS (SELECT FROM vehicle w
                                WHERE lower(w.name) = lower(v.name) AND w.vehicle_id <> v.vehicle_id
                                  AND w.department = v.department)
           THEN v.department
           ELSE v.vehicle_id END || ')'
       END AS shown_name
FROM vehicle v
WHERE NOT (SELECT is_scoped()) OR v.department = ANY ((SELECT scope_departments())::text[]);
GRANT SELECT ON vehicle_shown TO flaade_scoped;

-- The trackers that sit in the scope's vehicles now.
CREATE FUNCTION scope_devices() RETURNS text[] STABLE SECURITY DEFINER SET search_path FROM CURRENT
LANGUAGE sql AS $$
    SELECT ARRAY(SELECT device FROM device WHERE vehicle_id = ANY (scope_vehicles()))
$$;

-- The trackers that sat in the scope's vehicles at all times (`always`), or sat in others, too.
CREATE FUNCTION scope_seated(always boolean) RETURNS text[] STABLE SECURITY DEFINER
SET search_path FROM CURRENT LANGUAGE sql AS $$
    WITH own AS MATERIALIZED (SELECT scope_vehicles() AS ids)
    SELECT ARRAY(SELECT device FROM device_vehicle, own GROUP BY device
                 HAVING bool_or(vehicle_id = ANY (ids))
                    AND bool_and(coalesce(vehicle_id = ANY (ids), false)) = always)
$$;

-- Whether a tracker sat in a vehicle of the scope at a moment, or on a local day.
CREATE FUNCTION scope_saw(tracker text, moment timestamptz) RETURNS boolean STABLE SECURITY DEFINER
SET search_path FROM CURRENT LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM device_vehicle WHERE device = tracker AND moment >= begins
                   AND moment < ends AND vehicle_id = ANY (scope_vehicles()))
$$;
CREATE FUNCTION scope_saw_day(tracker text, on_day date) RETURNS boolean STABLE SECURITY DEFINER
SET search_path FROM CURRENT LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM device_vehicle WHERE device = tracker AND on_day >= since
                   AND on_day < until AND vehicle_id = ANY (scope_vehicles()))
$$;

-- The depots at which vehicles of the scope stand.
CREATE FUNCTION scope_sites() RETURNS text[] STABLE SECURITY DEFINER SET search_path FROM CURRENT
LANGUAGE sql AS $$
    SELECT ARRAY(SELECT DISTINCT depot_id FROM vehicle WHERE department = ANY (scope_departments()))
$$;

-- The depots of which all vehicles are the scope's.
CREATE FUNCTION scope_depots() RETURNS text[] STABLE SECURITY DEFINER SET search_path FROM CURRENT
LANGUAGE sql AS $$
    SELECT ARRAY(SELECT depot_id FROM vehicle GROUP BY depot_id
                 HAVING bool_and(department = ANY (scope_departments())))
$$;

-- Positions are read for the head of a department by two functions only: TimescaleDB knows no policies on
-- compressed tables. They serve all other readers as well.
CREATE FUNCTION positions_seen(tracker text, from_ts timestamptz, to_ts timestamptz)
RETURNS TABLE (ts timestamptz, lat double precision, lon double precision, received_at timestamptz)
STABLE SECURITY DEFINER SET search_path FROM CURRENT LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT p.ts, p.lat, p.lon, p.received_at FROM position p
    WHERE p.device = tracker AND p.ts >= from_ts AND p.ts <= to_ts
      AND (NOT is_scoped() OR scope_saw(tracker, p.ts)) ORDER BY p.ts;
END
$$;
CREATE FUNCTION positions_seen_since(tracker text, from_ts timestamptz) RETURNS bigint
STABLE SECURITY DEFINER SET search_path FROM CURRENT LANGUAGE plpgsql AS $$
BEGIN
    IF is_scoped() AND NOT tracker = ANY (scope_devices()) THEN
        RETURN 0;
    END IF;
    RETURN (SELECT count(*) FROM position WHERE device = tracker AND ts >= from_ts);
END
$$;

-- Views read with the rights of who asks them.
ALTER VIEW device_vehicle SET (security_invoker = true);
ALTER VIEW decision_in_force SET (security_invoker = true);
ALTER VIEW depot SET (security_invoker = true);
ALTER VIEW trip_settings SET (security_invoker = true);

-- What is of no vehicle.
GRANT SELECT ON schema_migration, vehicle_kind, vehicle_kind_change, kind_consumption, capability_name, assumption,
    closing_day, municipality, received_minute, deletion, round, pilot_goal_change, purchase_principle,
    plan, plan_reading, programme, programme_resource, initiative, milestone, milestone_change, strand,
    strand_member, indicator, indicator_value, plan_change, plan_meeting, plan_meeting_change TO flaade_scoped;
GRANT SELECT ON device_vehicle, decision_in_force, depot, trip_settings TO flaade_scoped;
-- Who has a part in the plan, without addresses.
GRANT SELECT (contact_id, name, centre, account_id, left_at, heard_at, revision) ON plan_contact TO flaade_scoped;
-- Counts of positions, without the devices.
GRANT SELECT (positions, received_at) ON pending_span TO flaade_scoped;

-- What is of vehicles, and what is of none for who has a scope (without a policy).
GRANT SELECT ON zone, vehicle, vehicle_ruling, private_period, round_trip, device, device_seat, device_state,
    device_rhythm, trip_aside, quarantine, trip, engine_session, device_day, private_day, logged_span,
    device_month, register_change, proposal, decision, round_part, quarantine_evicted, log_upload,
    vehicle_list, vehicle_list_layout, api_key, round_register, talk_entry, undertaking, task, task_change,
    hired_list, hired_month, vehicle_request, vehicle_request_change, purchase, purchase_change,
    disposal_reason, trial_day, trial_miss,
    what_if, what_if_vehicle, what_if_change TO flaade_scoped;
DO $$
DECLARE
    vehicles constant text := 'vehicle_id = ANY ((SELECT scope_vehicles())::text[])';
    devices  constant text := 'device = ANY ((SELECT scope_devices())::text[])';
    seated   constant text := 'device = ANY ((SELECT scope_seated(true))::text[])';
    at_times constant text := ' OR device = ANY ((SELECT scope_seated(false))::text[]) AND ';
    one      record;
BEGIN
    FOR one IN VALUES
        ('vehicle', 'department = ANY ((SELECT scope_departments())::text[])'),
        ('vehicle_ruling', vehicles), ('private_period', vehicles), ('round_trip', vehicles),
        ('device', vehicles), ('device_seat', vehicles),
        ('device_state', devices), ('device_rhythm', devices), ('trip_aside', devices),
        ('quarantine', seated), ('logged_span', vehicles),
        ('trip', seated || at_times || 'scope_saw(device, start_ts)'),
        ('engine_session', seated || at_times || 'scope_saw(device, start_ts)'),
        ('device_day', seated || at_times || 'scope_saw_day(device, day)'),
        ('private_day', seated || at_times || 'scope_saw_day(device, day)'),
        ('device_month', seated || at_times || 'true'),
        ('zone', 'kind <> ''depot'' OR zone_id = ANY ((SELECT scope_sites())::text[])'),
        ('register_change', 'subject IN (''closing_day'', ''municipality'')'
            || ' OR subject = ''vehicle'' AND subject_id = ANY ((SELECT scope_vehicles())::text[])'),
        -- As `optimiser.rounds.decisions.is_seen`.
        ('proposal', 'CASE WHEN content ->> ''vehicle_id'' IS NOT NULL'
            || ' THEN content ->> ''vehicle_id'' = ANY ((SELECT scope_vehicles())::text[])'
            || ' WHEN jsonb_array_length(coalesce(content -> ''departments'', ''[]'')) > 0'
            || ' THEN content -> ''departments'' ?| scope_departments()'
            || ' ELSE depot_id = ANY ((SELECT scope_sites())::text[]) END'),
        ('decision', 'proposal_id IN (SELECT proposal_id FROM proposal)'),
        ('talk_entry', 'proposal_id IN (SELECT proposal_id FROM proposal)'),

        ('undertaking', 'proposal_id IN (SELECT proposal_id FROM proposal)'),
        ('task', 'undertaking_id IN (SELECT undertaking_id FROM undertaking)'),
        ('task_change', 'task_id IN (SELECT task_id FROM task)'),
        ('hired_month', 'CASE WHEN department <> '''' THEN department = ANY ((SELECT scope_departments())::text[])'
            || ' ELSE depot_id = ANY ((SELECT scope_depots())::text[]) END'),
        ('hired_list', 'false'),
        ('what_if', 'shared_at IS NOT NULL AND thrown_at IS NULL'
            || ' AND departments && (SELECT scope_departments())'),
        ('what_if_vehicle', 'what_if_id IN (SELECT what_if_id FROM what_if) AND ' || vehicles),
        ('what_if_change', 'what_if_id IN (SELECT what_if_id FROM what_if)'),
        ('vehicle_request', 'department = ANY ((SELECT scope_departments())::text[])'),
        ('vehicle_request_change', 'request_id IN (SELECT request_id FROM vehicle_request)'),
        ('purchase', 'department = ANY ((SELECT scope_departments())::text[])'),
        ('purchase_change', 'purchase_id IN (SELECT purchase_id FROM purchase)'),
        ('disposal_reason', vehicles),
        ('trial_day', 'depot_id = ANY ((SELECT scope_depots())::text[])'),
        ('trial_miss', 'EXISTS (SELECT FROM round_trip t WHERE t.trip_number = trial_miss.trip_number)'),
        ('round_part', 'depots <@ (SELECT scope_depots())'),
        ('round_register', 'CASE subject WHEN ''vehicle'' THEN ' || replace(vehicles, 'vehicle_id', 'subject_id')
            || ' ELSE subject_id = ANY ((SELECT scope_sites())::text[]) END'),
        ('quarantine_evicted', 'false'), ('log_upload', 'false'), ('vehicle_list', 'false'),
        ('vehicle_list_layout', 'false'), ('api_key', 'false')
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', one.column1);
        EXECUTE format('CREATE POLICY scope ON %I FOR SELECT TO flaade_scoped USING (%s)',
                       one.column1, one.column2);
    END LOOP;
END
$$;
