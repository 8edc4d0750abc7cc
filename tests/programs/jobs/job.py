# Writes files, walks over them, hashes them, fills a database; prints what it found as JSON. One argument: a directory.
import hashlib
import json
import os
import sqlite3
import sys

root = sys.argv[1]

for number in range(20):
    directory = os.path.join(root, f"part {number % 4}", "ünï")
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, f"{number:02}.txt"), "w", encoding="utf-8") as file:
        file.write(f"file {number} 🌳\n" * number * 100)

digests = {}
for directory, _, names in os.walk(os.path.join(root)):
    for name in names:
        if name.endswith(".txt"):
            path = os.path.join(directory, name)
            with open(path, "rb") as file:
                digests[os.path.relpath(path, root)] = hashlib.sha256(file.read()).hexdigest()

with sqlite3.connect(os.path.join(root, "rows.db")) as database:
    database.execute("CREATE TABLE squares (number INTEGER PRIMARY KEY, square INTEGER, text TEXT)")
    rows = ((number, number * number, f"row {number}") for number in range(1000))
    database.executemany("INSERT INTO squares VALUES (?, ?, ?)", rows)
    total, = database.execute("SELECT sum(square) FROM squares").fetchone()
database.close()

os.rename(os.path.join(root, "part 0"), os.path.join(root, "renamed"))
json.dump({"digests": digests, "total": total}, sys.stdout)
