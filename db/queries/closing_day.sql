-- name: closing_days_of_year
SELECT day, name, source, added_by FROM closing_day
WHERE extract(year FROM day) = $1 ORDER BY day

-- name: closing_days_between
SELECT day FROM closing_day WHERE day BETWEEN $1 AND $2

-- name: add_closing_day
INSERT INTO closing_day (day, name, source, added_by) VALUES ($1, $2, $3, $4)
ON CONFLICT (day) DO NOTHING
RETURNING day

-- name: closing_day
SELECT name, source FROM closing_day WHERE day = $1

-- name: remove_closing_day
DELETE FROM closing_day WHERE day = $1 RETURNING name
