"""ElementTree, lxml and pandas to CSV: the columns of bench's work items. python3 peers.py KIND FILE OUT"""
import csv
import sys

PATHS = ["itemId", "id", "summary", "created", "modified", "dueDate", "duration", "archived", "state/name",
         "type/name", "severity/name", "priority/name", "owner/name", "creator/name", "category/name",
         "target/name", "cost", "allExtensions/displayValue"]


def write_rows(iterparse, source, out):
    writer = csv.writer(out)
    events = iter(iterparse(source, events=("start", "end")))
    _, root = next(events)
    for event, element in events:
        if event == "end" and element.tag == "workItem":
            writer.writerow([element.findtext(path) for path in PATHS])
            root.clear()


kind, source, target = sys.argv[1:4]
with open(target, "w", newline="") as out:
    if kind == "pandas":
        import pandas
        # pandas takes direct children only, each once.
        direct = [path for path in PATHS if "/" not in path]
        pandas.read_xml(source, parser="etree", iterparse={"workItem": direct}).to_csv(out, index=False)
    elif kind == "lxml":
        from lxml.etree import iterparse
        write_rows(iterparse, source, out)
    else:
        from xml.etree.ElementTree import iterparse
        write_rows(iterparse, source, out)
