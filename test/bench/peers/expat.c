/* C expat to CSV: the 18 columns of bench's work items. cc -O2 expat.c -lexpat; ./a.out FILE OUT. Without OUT it parses only, by no handler. */
#include <expat.h>
#include <stdio.h>
#include <string.h>

static const char *PATHS[] = {"itemId", "id", "summary", "created", "modified", "dueDate", "duration", "archived",
                              "state/name", "type/name", "severity/name", "priority/name", "owner/name", "creator/name",
                              "category/name", "target/name", "cost", "allExtensions/displayValue"};
enum { COLUMNS = 18, LONGEST = 65536, DEEPEST = 64 };
static char values[COLUMNS][LONGEST], text[LONGEST], path[4096];
static int depth, length;
static size_t ends[DEEPEST];
static FILE *out;

static void XMLCALL open_element(void *data, const char *name, const char **attributes) {
  (void)data, (void)attributes;
  depth++;
  length = 0;
  size_t end = depth > 2 && depth < DEEPEST ? ends[depth - 1] : 0;
  if (depth > 2) ends[depth] = end + (size_t)snprintf(path + end, sizeof path - end, "%s%s", end ? "/" : "", name);
}

static void XMLCALL add_text(void *data, const char *s, int n) {
  (void)data;
  if (length + n < LONGEST) memcpy(text + length, s, (size_t)n), length += n;
}

static void print(const char *value) {
  int is_quoted = strpbrk(value, ",\"\r\n") != NULL;
  if (is_quoted) putc('"', out);
  for (; *value; value++) {
    if (*value == '"') putc('"', out);
    putc(*value, out);
  }
  if (is_quoted) putc('"', out);
}

static void XMLCALL close_element(void *data, const char *name) {
  (void)data, (void)name;
  for (int i = 0; i < COLUMNS && depth > 2; i++)
    if (!strcmp(path, PATHS[i])) memcpy(values[i], text, (size_t)length), values[i][length] = 0;
  for (int i = 0; i < COLUMNS && depth == 2; i++) {
    print(values[i]);
    values[i][0] = 0;
    putc(i < COLUMNS - 1 ? ',' : '\n', out);
  }
  length = 0;
  depth--;
  path[depth > 2 ? ends[depth] : 0] = 0;
}

int main(int argc, char **argv) {
  static char buffer[65536];
  FILE *in = argc > 1 ? fopen(argv[1], "rb") : NULL;
  out = argc > 2 ? fopen(argv[2], "wb") : NULL;
  if (!in || (argc > 2 && !out)) return 2;
  XML_Parser parser = XML_ParserCreate(NULL);
  if (out) {
    XML_SetElementHandler(parser, open_element, close_element);
    XML_SetCharacterDataHandler(parser, add_text);
  }
  for (size_t n; (n = fread(buffer, 1, sizeof buffer, in)) > 0;)
    if (XML_Parse(parser, buffer, (int)n, 0) == XML_STATUS_ERROR) return 1;
  return XML_Parse(parser, buffer, 0, 1) == XML_STATUS_ERROR || (out && fclose(out) != 0);
}
