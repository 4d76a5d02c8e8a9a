-- name: narrow
SELECT set_config('flaade.departments', $1, false)

-- name: take_role
SET ROLE flaade_scoped

-- name: leave_role
RESET ROLE
