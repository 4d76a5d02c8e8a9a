-- Driving logs name vehicles by their registration numbers too.

CREATE FUNCTION names_in_logs(of_vehicle text) RETURNS SETOF text STABLE LANGUAGE sql AS $$
    SELECT lower(name) FROM vehicle WHERE vehicle_id = of_vehicle
    UNION SELECT lower(of_vehicle)
    UNION SELECT lower(plate) FROM vehicle WHERE vehicle_id = of_vehicle AND plate IS NOT NULL
    UNION SELECT lower(regexp_replace(plate, '^([A-ZÆØÅ]{2})(\d{2})(\d{3})$', '\1 \2 \3'))
          FROM vehicle WHERE vehicle_id = of_vehicle AND plate IS NOT NULL
    UNION SELECT lower(device) FROM device_vehicle WHERE vehicle_id = of_vehicle
$$;
