-- What people without a terminal keep of each vehicle, and the lists of vehicles that they upload.

ALTER TABLE vehicle ADD COLUMN mileage_day date;
ALTER TABLE vehicle ADD COLUMN plate text CHECK (plate <> '');
ALTER TABLE vehicle ADD COLUMN make text CHECK (make <> '');
ALTER TABLE vehicle ADD COLUMN model text CHECK (model <> '');
ALTER TABLE vehicle ADD COLUMN model_year integer;
ALTER TABLE vehicle ADD COLUMN first_registered date;
ALTER TABLE vehicle ADD COLUMN contract_start date;
ALTER TABLE vehicle ADD COLUMN contract_km double precision CHECK (contract_km > 0);
ALTER TABLE vehicle ADD COLUMN cost_kr_year double precision CHECK (cost_kr_year >= 0);
ALTER TABLE vehicle ADD COLUMN revision integer NOT NULL DEFAULT 1;
ALTER TABLE vehicle ADD CONSTRAINT contract_in_order CHECK (contract_start <= contract_end);

CREATE UNIQUE INDEX vehicle_plate ON vehicle (plate) WHERE retired_at IS NULL;

CREATE FUNCTION in_fleet(retired_at date, day date DEFAULT (now() AT TIME ZONE 'Europe/Copenhagen')::date)
RETURNS boolean IMMUTABLE LANGUAGE sql AS $$ SELECT retired_at IS NULL OR retired_at > day $$;

CREATE TABLE vehicle_list (
    list_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL,
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    uploaded_by actor NOT NULL,
    content     bytea,
    preview     jsonb NOT NULL,
    layout      jsonb,
    outcome     jsonb,
    CHECK ((content IS NULL) = (outcome IS NOT NULL))
);

CREATE TABLE vehicle_list_layout (
    headings_sha256 bytea PRIMARY KEY,
    layout          jsonb NOT NULL,
    set_by          actor NOT NULL,
    set_at          timestamptz NOT NULL DEFAULT now()
);
