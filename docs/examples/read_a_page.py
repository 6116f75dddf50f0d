"""Read a page line by line, and save the result as CSV and as a picture with boxes.

Prints:
    47
    15
    line 1: 4 7
    line 2: 1 5
    with two digits on every line: 47 15
"""

import csv
from pathlib import Path

from PIL import Image, ImageDraw

from recognizer import Recognizer
from recognizer.io.decoding import load_image
from recognizer.io.export import to_csv, to_png

page = Image.new("L", (400, 500), "white")
for stroke in (
    [(105, 50), (70, 130), (140, 130)], [(125, 95), (120, 190)],  # 4
    [(190, 55), (260, 50), (215, 190)],  # 7
    [(85, 310), (115, 285), (115, 430)],  # 1
    [(250, 290), (200, 290), (195, 345), (235, 345), (250, 385), (230, 425), (185, 415)],  # 5
):  # fmt: skip
    ImageDraw.Draw(page).line(stroke, "black", width=10, joint="curve")

reader = Recognizer.load("digits")
reading = reader.read(page)  # for every page of a PDF: recognizer.io.decoding.pages("scan.pdf")
print(reading.text)

Path("page.csv").write_text(to_csv(reading))
Path("page.png").write_bytes(to_png(load_image(page), reading))

with Path("page.csv").open(newline="") as file:
    rows = list(csv.DictReader(file))
for line in "12":
    print(f"line {line}:", *(row["character"] for row in rows if row["line"] == line))

print("with two digits on every line:", *reader.read(page, pattern="99").text.split())
