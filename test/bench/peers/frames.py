"""pandas to CSV: the direct children of bench's work items. python3 frames.py FILE OUT"""
import sys

import pandas

# pandas takes direct children only, each once.
COLUMNS = ["itemId", "id", "summary", "created", "modified", "dueDate", "duration", "archived", "cost"]

source, target = sys.argv[1:3]
pandas.read_xml(source, parser="etree", iterparse={"workItem": COLUMNS}).to_csv(target, index=False)
