-- Creates a table of 1,000 rows with an index, and asks for its sums.
CREATE TABLE readings (sensor TEXT, time INTEGER, value REAL);
BEGIN;
WITH RECURSIVE count (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM count WHERE n < 999)
INSERT INTO readings SELECT 'sensor ' || (n % 3), n * 60, n / 4.0 FROM count;
COMMIT;
CREATE INDEX by_sensor ON readings (sensor, time);
DELETE FROM readings WHERE sensor = 'sensor 2' AND time > 30000;
VACUUM;
SELECT sensor, count(*), sum(value) FROM readings GROUP BY sensor ORDER BY sensor;
