/* Just enough JSON for a small module: looks values up in place, and builds texts. */

#ifndef JSON_H
#define JSON_H

#include <stddef.h>

/* A piece of JSON text that belongs to someone else; `at` is NULL when there is no such value. */
typedef struct Json {
    const char *at;
    const char *end;
} Json;

Json json_parse(const void *bytes, size_t len);

/* Returns the value of a key of an object, else nothing. */
Json json_get(Json object, const char *key);

/* Returns whether the value is this word: null, true, false, or a number as written. */
int json_is(Json value, const char *word);

/* Returns the text of a string, to be freed; NULL when the value is no string, or memory is out. */
char *json_text(Json value);

/* A growing text. After `failed` nothing more is added. */
typedef struct Text {
    char *data;
    size_t len;
    size_t capacity;
    int failed;
} Text;

void text_add(Text *text, const char *plain);
void text_add_json(Text *text, Json value);

/* Adds a string with its quotes, escaped. */
void text_add_quoted(Text *text, const char *plain);

#endif
