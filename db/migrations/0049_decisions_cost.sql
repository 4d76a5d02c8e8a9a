-- What the verdicts that bound the plan of a part cost stands beside its study, which pages need not unpack for it.
ALTER TABLE round_part ADD COLUMN decisions_kr_year double precision GENERATED ALWAYS AS
    ((study ->> 'decisions_kr_year')::double precision) STORED;
