import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import javax.xml.stream.*;

/** Java StAX to CSV: the tables of bench's documents, each read as one would write it by hand. java -cp DIR Stax DOCUMENT FILE OUT */
public class Stax {
  static final String[] WORK_ITEM = {"itemId", "id", "summary", "created", "modified", "dueDate", "duration", "archived",
      "state/name", "type/name", "severity/name", "priority/name", "owner/name", "creator/name", "category/name",
      "target/name", "cost", "allExtensions/displayValue"};
  static final String[] ENTRY = {"id", "title", "updated", "author/name", "price", "summary"};
  static final String[] ORDER = {"id", "customer", "placed", "status", "total"};
  static final String[] LINE = {"sku", "quantity", "price"};

  static XMLStreamReader reader;
  static String target;

  public static void main(String[] args) throws Exception {
    target = args[2];
    try (InputStream in = new BufferedInputStream(new FileInputStream(args[1]), 65536)) {
      reader = XMLInputFactory.newFactory().createXMLStreamReader(in);
      switch (args[0]) {
        case "workItems" -> writeElements(WORK_ITEM);
        case "namespaced" -> writeElements(ENTRY);
        case "attributes" -> writeOrders();
        case "extensions" -> writeExtensions();
        default -> throw new IllegalArgumentException(args[0]);
      }
    }
  }

  static Writer open(String table) throws IOException {
    return new BufferedWriter(
        new OutputStreamWriter(new FileOutputStream(target + "." + table), StandardCharsets.UTF_8), 65536);
  }

  /** One row a record: columns are the texts of its children and grandchildren. */
  static void writeElements(String[] paths) throws Exception {
    String[] values = new String[paths.length];
    String[] names = new String[64];
    Map<String, Integer> columns = new HashMap<>();
    for (int i = 0; i < paths.length; i++) columns.put(paths[i], i);
    StringBuilder text = new StringBuilder();
    int depth = 0;
    try (Writer out = open("rows")) {
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

  /** Orders and their lines, whose values are attributes; a line has its order's id. */
  static void writeOrders() throws Exception {
    String id = null;
    try (Writer orders = open("orders"); Writer lines = open("lines")) {
      while (reader.hasNext()) {
        if (reader.next() != XMLStreamConstants.START_ELEMENT) continue;
        if (reader.getLocalName().equals("order")) {
          id = reader.getAttributeValue(null, "id");
          write(orders, attributes(ORDER, 0));
        } else if (reader.getLocalName().equals("line")) {
          String[] line = attributes(LINE, 1);
          line[0] = id;
          write(lines, line);
        }
      }
    }
  }

  static String[] attributes(String[] names, int from) {
    String[] values = new String[from + names.length];
    for (int i = 0; i < names.length; i++) values[from + i] = reader.getAttributeValue(null, names[i]);
    return values;
  }

  /** Items with two extensions as columns and all as one JSON object, and their comments. */
  static void writeExtensions() throws Exception {
    StringBuilder text = new StringBuilder();
    StringBuilder all = new StringBuilder();
    String[] item = new String[4];
    String[] comment = new String[3];
    String key = null;
    String value = null;
    try (Writer items = open("items"); Writer comments = open("comments")) {
      while (reader.hasNext()) {
        int event = reader.next();
        if (event == XMLStreamConstants.START_ELEMENT) {
          text.setLength(0);
        } else if (event == XMLStreamConstants.CHARACTERS) {
          text.append(reader.getTextCharacters(), reader.getTextStart(), reader.getTextLength());
        } else if (event == XMLStreamConstants.END_ELEMENT) {
          switch (reader.getLocalName()) {
            case "id" -> item[0] = text.toString();
            case "key" -> key = text.toString();
            case "displayValue" -> value = text.toString();
            case "formatted" -> comment[1] = text.toString();
            case "name" -> comment[2] = text.toString();
            case "allExtensions" -> {
              if (key.equals("com.acme.risk")) item[1] = value;
              if (key.equals("com.acme.area")) item[2] = value;
              all.append(all.length() == 0 ? '{' : ',').append('"').append(key).append("\":\"").append(value).append('"');
            }
            case "comments" -> {
              comment[0] = item[0];
              write(comments, comment);
            }
            case "workItem" -> {
              item[3] = all.append('}').toString();
              write(items, item);
              all.setLength(0);
            }
            default -> { }
          }
          text.setLength(0);
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
