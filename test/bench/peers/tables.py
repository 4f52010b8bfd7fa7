"""lxml to CSV files, by a description of tables: python3 tables.py FILE TABLES.json OUT

Each table has the tag of its records, its columns as paths of findtext or @names, and the tables of child elements."""
import csv
import json
import sys

from lxml.etree import iterparse

source, description, target = sys.argv[1:4]
with open(description) as given:
    tables = json.load(given)


def opened(table):
    writer = csv.writer(open(f"{target}.{table['name']}", "w", newline=""))
    return {**table, "write": writer.writerow, "children": [opened(child) for child in table["children"]]}


def value(element, path):
    return element.get(path[1:]) if path.startswith("@") else element.findtext(path)


def write(table, element):
    table["write"]([value(element, path) for path in table["columns"]])
    for child in table["children"]:
        for one in element.findall(child["tag"]):
            write(child, one)


by_tag = {table["tag"]: opened(table) for table in tables}
events = iter(iterparse(source, events=("start", "end")))
_, root = next(events)
for event, element in events:
    if event == "end" and element.tag in by_tag:
        write(by_tag[element.tag], element)
        root.clear()
