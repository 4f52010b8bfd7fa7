"""pandas to CSV. python3 frames.py FILE TABLES.json OUT

pandas reads flat records alone; for others its documentation has a stylesheet flatten the document first. By iterparse it takes children
by their names at any depth, so that a work item's id comes to be the id of its target.
"""
import io
import json
import sys
from xml.sax.saxutils import quoteattr

import pandas

source, description, target = sys.argv[1:4]
with open(description) as given:
    [table] = json.load(given)

columns = "".join(
    f"<c{n}><xsl:value-of select={quoteattr(path)}/></c{n}>" for n, path in enumerate(table["columns"])
)
flatten = f"""<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="/"><rows><xsl:for-each select="/*/{table["tag"]}"><row>{columns}</row></xsl:for-each></rows></xsl:template>
</xsl:stylesheet>"""

pandas.read_xml(source, stylesheet=io.StringIO(flatten)).to_csv(target, index=False)
