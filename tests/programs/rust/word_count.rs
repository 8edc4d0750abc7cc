//! `word_count FROM TO`: counts the words of every file below FROM, writes the counts to the file TO as `count word`,
//! the most frequent first, and prints a summary. It writes to `TO.new` and renames, so that TO is whole or absent.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

#[derive(Default)]
struct Counts {
    files: usize,
    words: u64,
    by_word: BTreeMap<String, u64>,
}

impl Counts {
    fn add_directory(&mut self, directory: &Path) -> io::Result<()> {
        let mut entries = fs::read_dir(directory)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(|entry| entry.file_name());
        for entry in entries {
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.add_directory(&entry.path())?;
            } else if kind.is_file() {
                self.add_file(&entry.path())?;
            }
        }
        Ok(())
    }

    fn add_file(&mut self, path: &Path) -> io::Result<()> {
        self.files += 1;
        let mut reader = BufReader::new(File::open(path)?);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            // Other bytes than UTF-8 count as U+FFFD.
            for word in String::from_utf8_lossy(&line).split(|c: char| !c.is_alphanumeric()) {
                if !word.is_empty() {
                    *self.by_word.entry(word.to_lowercase()).or_default() += 1;
                    self.words += 1;
                }
            }
            line.clear();
        }
        Ok(())
    }

    fn write(&self, path: &Path) -> io::Result<()> {
        let mut rows: Vec<_> = self.by_word.iter().collect();
        // Stable: words of the same count stay in their order.
        rows.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".new");
        let mut writer = BufWriter::new(File::create(&unfinished)?);
        for (word, count) in rows {
            writeln!(writer, "{count} {word}")?;
        }
        writer.into_inner()?.sync_all()?;
        fs::rename(unfinished, path)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to] = arguments.as_slice() else {
        eprintln!("usage: word_count FROM TO");
        return ExitCode::from(2);
    };
    let mut counts = Counts::default();
    match counts
        .add_directory(from.as_ref())
        .and_then(|()| counts.write(to.as_ref()))
    {
        Ok(()) => {
            println!(
                "{} files, {} words, {} different",
                counts.files,
                counts.words,
                counts.by_word.len()
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("word_count: {error}");
            ExitCode::FAILURE
        }
    }
}
