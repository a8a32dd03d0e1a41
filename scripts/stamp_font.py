"""The subset of Noto Sans CJK SC that core/photo/font holds; called by scripts/stamp-font.

usage: stamp_font.py SOURCE.ttc OUT.otf

What is kept: ASCII, GB 2312 whole (6,763 hanzi and 682 signs), and whatever else the names of places, the category
packs and the Chinese texts of this repository are written with. Dropped: hinting and all tables for layout, since the
stamp sets one line of characters after another. Outlines stay in CFF with its shared subroutines, which is smaller
than TrueType outlines of the same shapes. The result is the same bytes each time.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection

NAME = "Gridpatrol Stamp"
FACE = "Noto Sans CJK SC"
MODEL = Path(__file__).resolve().parent.parent / "core/model"
# Texts that end up on stamps.
WRITTEN_WITH = ["packs/*.csv", "packs/*.json", "messages/zh.ftl"]
# GB 2312 itself has two signs at code points that are not the usual ones: the middle dot and the dash.
USUAL = {"\u00b7", "\u2014"}


def gb2312():
    cells = (bytes([0xA0 + row, 0xA0 + cell]) for row in range(1, 95) for cell in range(1, 95))
    return {char for cell in cells for char in cell.decode("gb2312", errors="ignore")}


def written():
    files = [path for pattern in WRITTEN_WITH for path in sorted(MODEL.glob(pattern))]
    return {char for path in files for char in path.read_text(encoding="utf-8") if char.isprintable()}


def face(collection):
    return next(font for font in collection.fonts if font["name"].getDebugName(1) == FACE)


def rename(font):
    """A name of its own: this is a modified version, and Noto is a trademark of Google."""
    names = font["name"]
    kept = {number: names.getDebugName(number) for number in (0, 13, 14)}
    version = names.getDebugName(5).split(";")[0].removeprefix("Version ")
    names.names = []
    own = {1: NAME, 2: "Regular", 3: f"{NAME} {version}", 4: NAME, 5: f"Version {version}", 6: "GridpatrolStamp-Regular"}
    for number, text in sorted({**kept, **own, 10: f"A subset of {FACE} {version}, modified."}.items()):
        names.setName(text, number, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames = ["GridpatrolStamp-Regular"]
    top = cff.topDictIndex[0]
    top.FamilyName, top.FullName = NAME, NAME


def main(source, out):
    font = face(TTCollection(source, lazy=True))
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True, name_IDs=["*"])
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG"]
    subsetter = subset.Subsetter(options)
    ascii_chars = {chr(code) for code in range(0x20, 0x7F)}
    wanted = ascii_chars | gb2312() | written() | USUAL
    subsetter.populate(unicodes=map(ord, wanted))
    subsetter.subset(font)
    missing = wanted - {chr(code) for code in font.getBestCmap()}
    if missing:
        sys.exit(f"stamp_font: {FACE} has no {''.join(sorted(missing))}")
    rename(font)
    font.recalcTimestamp = False
    font.save(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
