CREATE TABLE planets (name TEXT PRIMARY KEY, moons INTEGER NOT NULL);
INSERT INTO planets VALUES ('Venus', 0), ('Earth', 1), ('Mars', 2), ('Neptune', 16), ('Uranus', 28);
SELECT count(*) || ' planets, ' || sum(moons) || ' moons' FROM planets;
