<?php
// Writes files, lists and hashes them, fills a database. Works in the directory that it lies in.
$root = __DIR__;
mkdir("$root/made");
for ($number = 0; $number < 10; $number++) {
    file_put_contents("$root/made/$number.txt", str_repeat("file $number\n", $number * 100));
}
foreach (scandir("$root/made") as $name) {
    if (is_file("$root/made/$name")) echo $name, " ", hash_file("sha256", "$root/made/$name"), "\n";
}
$database = new PDO("sqlite:$root/rows.db");
$database->exec("CREATE TABLE cubes (number INTEGER PRIMARY KEY, cube INTEGER)");
$database->beginTransaction();
$insert = $database->prepare("INSERT INTO cubes VALUES (?, ?)");
for ($number = 0; $number < 100; $number++) $insert->execute([$number, $number ** 3]);
$database->commit();
echo "total ", $database->query("SELECT sum(cube) FROM cubes")->fetchColumn(), "\n";
