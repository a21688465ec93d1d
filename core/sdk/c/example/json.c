#include "json.h"

#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 64 };

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && strchr(" \t\r\n", *at) && *at)
        at++;
    return at;
}

/* Returns the end of the string that begins at `at`, or NULL. */
static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end; at++) {
        if (*at == '\\')
            at++;
        else if (*at == '"')
            return at + 1;
    }
    return NULL;
}

/* Returns the end of the value that begins at `at`, or NULL. */
static const char *skip_value(const char *at, const char *end)
{
    int depth = 0;

    while (at && at < end) {
        if (*at == '"') {
            at = skip_string(at, end);
        } else if (*at == '{' || *at == '[') {
            if (++depth > DEEPEST)
                return NULL;
            at++;
        } else if (*at == '}' || *at == ']') {
            if (depth-- == 0)
                return NULL;
            at++;
        } else if (depth == 0) {
            const char *start = at;
            while (at < end && !strchr(" \t\r\n,:]}", *at))
                at++;
            return at > start ? at : NULL;
        } else {
            at++;
        }
        if (at && depth == 0)
            return at;
    }
    return NULL;
}

Json json_parse(const void *bytes, size_t len)
{
    Json value = {NULL, NULL};
    const char *at = bytes;

    if (!at)
        return value;
    value.end = at + len;
    value.at = skip_blanks(at, value.end);
    if (value.at == value.end)
        value.at = NULL;
    return value;
}

Json json_get(Json object, const char *key)
{
    Json none = {NULL, NULL};
    Json found = none;
    size_t length = strlen(key);
    const char *at = object.at, *end = object.end;

    if (!at || at >= end || *at != '{')
        return none;
    at = skip_blanks(at + 1, end);
    while (at < end && *at == '"') {
        const char *name = at + 1;
        const char *after = skip_string(at, end);
        if (!after)
            return none;
        at = skip_blanks(after, end);
        if (at >= end || *at != ':')
            return none;
        found.at = skip_blanks(at + 1, end);
        found.end = skip_value(found.at, end);
        if (!found.end)
            return none;
        if ((size_t)(after - 1 - name) == length && memcmp(name, key, length) == 0)
            return found;
        at = skip_blanks(found.end, end);
        if (at < end && *at == ',')
            at = skip_blanks(at + 1, end);
    }
    return none;
}

int json_is(Json value, const char *word)
{
    size_t length = strlen(word);

    return value.at && (size_t)(value.end - value.at) == length && memcmp(value.at, word, length) == 0;
}

static int hex(const char *at, const char *end, unsigned *code)
{
    int i;

    *code = 0;
    if (end - at < 4)
        return 0;
    for (i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef";
        char lower = at[i] >= 'A' && at[i] <= 'F' ? (char)(at[i] + 32) : at[i];
        const char *digit = lower ? strchr(digits, lower) : NULL;
        if (!digit)
            return 0;
        *code = *code * 16 + (unsigned)(digit - digits);
    }
    return 1;
}

static char *put_utf8(char *out, unsigned code)
{
    if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xc0 | code >> 6);
        *out++ = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        *out++ = (char)(0xe0 | code >> 12);
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
        *out++ = (char)(0x80 | (code & 0x3f));
    } else {
        *out++ = (char)(0xf0 | code >> 18);
        *out++ = (char)(0x80 | (code >> 12 & 0x3f));
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
        *out++ = (char)(0x80 | (code & 0x3f));
    }
    return out;
}

/* Reads what follows a backslash; returns the place after it, or NULL. */
static const char *unescape(const char *at, const char *end, char **out)
{
    const char *names = "\"\\/bfnrt", *meanings = "\"\\/\b\f\n\r\t";
    const char *name = at < end && *at ? strchr(names, *at) : NULL;
    unsigned code, low;

    if (name) {
        *(*out)++ = meanings[name - names];
        return at + 1;
    }
    if (at >= end || *at != 'u' || !hex(at + 1, end, &code) || code == 0)
        return NULL;
    at += 5;
    if (code >= 0xd800 && code < 0xdc00) {
        if (end - at < 6 || at[0] != '\\' || at[1] != 'u' || !hex(at + 2, end, &low) || low < 0xdc00 || low > 0xdfff)
            return NULL;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        at += 6;
    }
    *out = put_utf8(*out, code);
    return at;
}

char *json_text(Json value)
{
    const char *at, *end;
    char *text, *out;

    if (!value.at || value.end - value.at < 2 || *value.at != '"')
        return NULL;
    at = value.at + 1;
    end = value.end - 1;
    /* Unescaping never makes a text longer. */
    text = out = malloc((size_t)(end - at) + 1);
    while (text && at < end) {
        if (*at != '\\') {
            *out++ = *at++;
            continue;
        }
        at = unescape(at + 1, end, &out);
        if (!at) {
            free(text);
            return NULL;
        }
    }
    if (text)
        *out = '\0';
    return text;
}

static void add_bytes(Text *text, const char *bytes, size_t len)
{
    if (text->failed)
        return;
    if (text->capacity - text->len <= len) {
        size_t capacity = (text->len + len + 1) * 2;
        char *grown = realloc(text->data, capacity);
        if (!grown) {
            text->failed = 1;
            return;
        }
        text->data = grown;
        text->capacity = capacity;
    }
    memcpy(text->data + text->len, bytes, len);
    text->len += len;
    text->data[text->len] = '\0';
}

void text_add(Text *text, const char *plain)
{
    add_bytes(text, plain, strlen(plain));
}

void text_add_json(Text *text, Json value)
{
    if (value.at)
        add_bytes(text, value.at, (size_t)(value.end - value.at));
    else
        text_add(text, "null");
}

void text_add_quoted(Text *text, const char *plain)
{
    const char *digits = "0123456789abcdef";

    text_add(text, "\"");
    for (; *plain; plain++) {
        unsigned char letter = (unsigned char)*plain;
        if (letter == '"' || letter == '\\') {
            char escaped[2] = {'\\', *plain};
            add_bytes(text, escaped, sizeof escaped);
        } else if (letter < 0x20) {
            char escaped[6] = {'\\', 'u', '0', '0', digits[letter >> 4], digits[letter & 15]};
            add_bytes(text, escaped, sizeof escaped);
        } else {
            add_bytes(text, plain, 1);
        }
    }
    text_add(text, "\"");
}
