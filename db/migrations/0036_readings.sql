-- Lists and programs registered days on which no odometer was read.
UPDATE vehicle SET mileage_day = NULL WHERE mileage_km IS NULL;
ALTER TABLE vehicle
    ADD CONSTRAINT day_has_a_reading CHECK (mileage_day IS NULL OR mileage_km IS NOT NULL);
