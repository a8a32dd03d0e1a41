#!/usr/bin/env python3
"""A lint that finds nothing looks like a clean tree, so each rule is shown a fault it must find."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent


def run(*command):
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True)
    return done.returncode, done.stderr


class Tree(unittest.TestCase):
    def lint(self, name, text):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            subprocess.run(["git", "init", "-q", folder], check=True)
            (root / ".gitattributes").write_text("**/generated/** linguist-generated\n")
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
            return run(SCRIPTS / "lint-tree", root)

    def accepts(self, name, text):
        self.assertEqual(self.lint(name, text), (0, ""))

    def refuses(self, name, text, why):
        code, said = self.lint(name, text)
        self.assertEqual(code, 1)
        self.assertIn(name, said)
        self.assertIn(why, said)

    def test_paths_of_one_machine(self):
        self.refuses("a.md", "see /" + "home/anna/notes", "path of one machine")
        self.refuses("a.rs", 'open("/' + 'work/x")', "path of one machine")
        self.accepts("a.md", "see docs/home/index.md and https://example.org/" + "home/x")

    def test_addresses_in_lock_files(self):
        self.refuses("package-lock.json", '  "resolved": "https://example.org/x.tgz"', "address in a lock file")
        self.refuses("Cargo.lock", 'source = "git+https://example.org/x"', "outside crates.io")
        self.accepts("Cargo.lock", 'source = "registry+https://github.com/rust-lang/crates.io-index"')

    def test_length_counts_for_written_sources_only(self):
        self.refuses("core/x/src/a.rs", "\n" * 601, "601 lines")
        self.accepts("bindings/generated/a.kt", "\n" * 601)
        self.accepts("data.json", "\n" * 601)

    def test_long_file_is_a_warning_first(self):
        code, said = self.lint("a.rs", "\n" * 501)
        self.assertEqual(code, 0)
        self.assertIn("warning: a.rs: 501 lines", said)

    def test_released_migrations(self):
        self.refuses("x/migrations/0001.sql", "CREATE TABLE a (b)", "without its hash")
        self.refuses("tests/frozen/migrations.sha256", "00  x/migrations/0001.sql", "was edited")

    def test_measures_of_persons(self):
        self.refuses("a.rs", "    pub online_time_ms: u64,", "onlinetime")
        self.refuses("a.rs", "pub struct MemberRanking;", "ranking")
        self.refuses("a.ts", "export const leaderBoard = 1", "leaderboard")
        self.refuses("openapi.json", '  "mileage": {', "mileage")
        self.accepts("a.rs", "pub rank: Rank,\nlet mileage = 0;")


class Layers(unittest.TestCase):
    def lint(self, packages, sources=()):
        """`packages`: {crate: [what it depends on]}; those named gridpatrol-… are the workspace."""
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name, text in dict(sources).items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            metadata = root / "metadata.json"
            metadata.write_text(json.dumps(self.metadata(root, packages)))
            return run(SCRIPTS / "lint-layers", metadata, root)

    @staticmethod
    def metadata(root, packages):
        every = set(packages) | {d for below in packages.values() for d in below}
        below = {name: packages.get(name, []) for name in every}
        return {
            "workspace_members": [name for name in every if name.startswith("gridpatrol-")],
            "packages": [
                {
                    "id": name, "name": name, "manifest_path": str(root / "core" / name / "Cargo.toml"),
                    "dependencies": [{"name": d, "kind": None} for d in below[name]],
                }
                for name in every
            ],
            "resolve": {
                "nodes": [
                    {"id": name, "deps": [{"pkg": d, "dep_kinds": [{"kind": None}]} for d in below[name]]}
                    for name in every
                ]
            },
        }

    def accepts(self, *case):
        self.assertEqual(self.lint(*case), (0, ""))

    def refuses(self, why, *case):
        code, said = self.lint(*case)
        self.assertEqual(code, 1)
        self.assertIn(why, said)

    def test_down_is_fine(self):
        self.accepts({"gridpatrol-sync": ["gridpatrol-store", "gridpatrol-protocol"], "gridpatrol-model": ["sha2"]})

    def test_up_and_sideways_are_not(self):
        self.refuses("gridpatrol-store depends on gridpatrol-sync", {"gridpatrol-store": ["gridpatrol-sync"]})
        self.refuses("gridpatrol-protocol depends on gridpatrol-geo", {"gridpatrol-protocol": ["gridpatrol-geo"]})
        self.refuses("gridpatrol-hub depends on gridpatrol-store", {"gridpatrol-hub": ["gridpatrol-store"]})

    def test_every_crate_of_the_core_has_a_layer(self):
        self.refuses("gridpatrol-extra is in core/ but not in the picture", {"gridpatrol-extra": []})

    def test_pure_crates_gain_nothing_unseen(self):
        self.refuses("gridpatrol-model gained rand", {"gridpatrol-model": ["rand"]})
        self.refuses("gridpatrol-geo reaches tokio", {"gridpatrol-geo": ["geo"], "geo": ["tokio"]})

    def test_pure_sources_touch_no_system(self):
        source = "core/gridpatrol-model/src/a.rs"
        crate = {"gridpatrol-model": []}
        self.refuses(f"{source}:1: std::fs", crate, {source: "use std::fs;"})
        self.refuses("SystemTime", crate, {source: "let t = SystemTime::now();"})
        self.accepts(crate, {source: "// no std::fs here\n#[cfg(test)]\nuse std::fs;"})

    def test_only_the_demo_knows_the_phone(self):
        crates = {"gridpatrol-hub": ["gridpatrol-core"]}
        self.accepts(crates, {"hub/src/demo/day.rs": "use gridpatrol_core::Gridpatrol;"})
        self.refuses("hub/src/web.rs", crates, {"hub/src/web.rs": "use gridpatrol_core::Gridpatrol;"})


if __name__ == "__main__":
    unittest.main()
