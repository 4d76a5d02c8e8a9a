-- Partners are listed one by one, as the file of a plan has them.
ALTER TABLE programme
    ALTER partners_internal DROP DEFAULT, ALTER partners_external DROP DEFAULT,
    ALTER partners_internal TYPE text[] USING array_remove(ARRAY[partners_internal], ''),
    ALTER partners_external TYPE text[] USING array_remove(ARRAY[partners_external], ''),
    ALTER partners_internal SET DEFAULT '{}', ALTER partners_external SET DEFAULT '{}';
