-- name: of_year
SELECT day, name, source, added_by FROM closing_day
WHERE extract(year FROM day) = $1 ORDER BY day

-- name: between
SELECT day FROM closing_day WHERE day BETWEEN $1 AND $2

-- name: close
INSERT INTO closing_day (day, name, source, added_by) VALUES ($1, $2, $3, $4)
ON CONFLICT (day) DO NOTHING
RETURNING day

-- name: open
DELETE FROM closing_day WHERE day = $1 RETURNING day
