import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import javax.xml.stream.*;

/** Java StAX to CSV: the 18 columns of bench's work items. java -cp DIR Stax FILE OUT */
public class Stax {
  static final List<String> PATHS = List.of("itemId", "id", "summary", "created", "modified", "dueDate", "duration",
      "archived", "state/name", "type/name", "severity/name", "priority/name", "owner/name", "creator/name",
      "category/name", "target/name", "cost", "allExtensions/displayValue");

  public static void main(String[] args) throws Exception {
    String[] values = new String[PATHS.size()];
    String[] names = new String[64];
    Map<String, Integer> columns = new HashMap<>();
    for (int i = 0; i < values.length; i++) columns.put(PATHS.get(i), i);
    StringBuilder text = new StringBuilder();
    int depth = 0;
    try (InputStream in = new BufferedInputStream(new FileInputStream(args[0]), 65536);
        Writer out = new BufferedWriter(
            new OutputStreamWriter(new FileOutputStream(args[1]), StandardCharsets.UTF_8))) {
      XMLStreamReader reader = XMLInputFactory.newFactory().createXMLStreamReader(in);
      while (reader.hasNext()) {
        int event = reader.next();
        if (event == XMLStreamConstants.START_ELEMENT) {
          names[++depth] = reader.getLocalName();
          text.setLength(0);
        } else if (event == XMLStreamConstants.CHARACTERS || event == XMLStreamConstants.CDATA) {
          text.append(reader.getTextCharacters(), reader.getTextStart(), reader.getTextLength());
        } else if (event == XMLStreamConstants.END_ELEMENT) {
          Integer column = depth == 3 ? columns.get(names[3])
              : depth == 4 ? columns.get(names[3] + "/" + names[4]) : null;
          if (column != null) values[column] = text.toString();
          if (depth == 2) write(out, values);
          text.setLength(0);
          depth--;
        }
      }
    }
  }

  static void write(Writer out, String[] values) throws IOException {
    for (int i = 0; i < values.length; i++) {
      String value = values[i] == null ? "" : values[i];
      boolean isQuoted = value.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
      out.write(isQuoted ? '"' + value.replace("\"", "\"\"") + '"' : value);
      out.write(i < values.length - 1 ? ',' : '\n');
    }
    Arrays.fill(values, null);
  }
}
