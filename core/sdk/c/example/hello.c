/* A whole module in C: example.motd ensures that a file holds a line.
 *
 * check reads the file and tells what it would look like; apply reads it again, because time has passed, and
 * writes it when the line is still missing. A second run finds the line and changes nothing.
 */

#include "json.h"
#include "switchover_plugin.h"

#include <stdlib.h>
#include <string.h>

static const char DESCRIPTION[] =
    "{\"name\": \"hello\", \"version\": \"0.1.0\", \"modules\": [{"
    "\"name\": \"example.motd\", \"summary\": \"Ensures that a file holds a line.\", \"effect\": \"changes\","
    "\"description\": \"Adds the line at the end of the file when no line of the file is equal to it.\","
    "\"params\": ["
    "{\"name\": \"line\", \"doc\": \"The line, without its end.\", \"kind\": \"str\", \"required\": true},"
    "{\"name\": \"path\", \"aliases\": [\"dest\"], \"doc\": \"The file.\", \"kind\": \"path\","
    " \"default\": \"/etc/motd\"}],"
    "\"examples\": [{\"title\": \"Greet whoever logs in\","
    " \"yaml\": \"- example.motd:\\n    line: Authorised use only.\\n\"}],"
    "\"returns\": [{\"name\": \"path\", \"doc\": \"The file.\"}]}]}";

/* What one invoke knows. All texts are freed at its end. */
typedef struct Job {
    const SwitchoverHostApi *host;
    Text reply;
    char *line;
    char *path;
    char *before; /* the content of the file, empty when it is missing */
    char *after;  /* NULL when the line is there */
} Job;

static void free_bytes(SwitchoverBuffer *buffer)
{
    free(buffer->data);
    buffer->data = NULL;
}

static int32_t describe(SwitchoverBuffer *out)
{
    /* The text is part of the library: there is nothing to free. */
    out->data = (uint8_t *)DESCRIPTION;
    out->len = sizeof DESCRIPTION - 1;
    out->free = NULL;
    return 0;
}

static void fail(Job *job, const char *kind, const char *what, const char *detail)
{
    job->reply.len = 0;
    text_add(&job->reply, "{\"failure\": {\"kind\": \"");
    text_add(&job->reply, kind);
    text_add(&job->reply, "\", \"msg\": ");
    Text message = {0};
    text_add(&message, what);
    if (detail && *detail) {
        text_add(&message, ": ");
        text_add(&message, detail);
    }
    text_add_quoted(&job->reply, message.data ? message.data : what);
    text_add(&job->reply, "}}");
    free(message.data);
}

/* Turns the host's error into a failure that says as much as is known. */
static void fail_with_error(Job *job, const char *what, Json error)
{
    char *kind = json_text(json_get(error, "kind"));
    char *stderr_text = json_text(json_get(error, "stderr"));
    char *reason = json_text(json_get(error, "reason"));
    const char *ours = "failed";

    if (kind && strcmp(kind, "lost") == 0)
        ours = "unknown";
    else if (kind && (strcmp(kind, "unreachable") == 0 || strcmp(kind, "cancelled") == 0))
        ours = kind;
    fail(job, ours, what, stderr_text ? stderr_text : reason ? reason : kind);
    free(kind);
    free(stderr_text);
    free(reason);
}

/* Makes a host call. Returns whether `answer` holds one that is no error; it is to be freed in any case. */
static int ask(Job *job, const char *what, Text *call, SwitchoverBuffer *answer)
{
    Json error;

    memset(answer, 0, sizeof *answer);
    if (call->failed) {
        fail(job, "failed", "out of memory", NULL);
        return 0;
    }
    if (job->host->call(job->host->ctx, (const uint8_t *)call->data, call->len, answer) != 0) {
        fail(job, "panicked", "the host call was not taken", what);
        return 0;
    }
    error = json_get(json_parse(answer->data, answer->len), "error");
    if (error.at) {
        fail_with_error(job, what, error);
        return 0;
    }
    return 1;
}

static void release(SwitchoverBuffer *answer, Text *call)
{
    if (answer->free)
        answer->free(answer);
    free(call->data);
}

/* Returns 1 when the file is there, 0 when it is missing, -1 after a failure. */
static int file_exists(Job *job)
{
    SwitchoverBuffer answer;
    Text call = {0};
    int result = -1;

    text_add(&call, "{\"stat\": {\"follow\": true, \"path\": ");
    text_add_quoted(&call, job->path);
    text_add(&call, "}}");
    if (ask(job, "cannot look at the file", &call, &answer))
        result = !json_is(json_get(json_parse(answer.data, answer.len), "stat"), "null");
    release(&answer, &call);
    return result;
}

static char *read_file(Job *job)
{
    SwitchoverBuffer answer;
    Text call = {0};
    char *content = NULL;

    text_add(&call, "{\"read\": {\"path\": ");
    text_add_quoted(&call, job->path);
    text_add(&call, "}}");
    if (ask(job, "cannot read the file", &call, &answer)) {
        content = json_text(json_get(json_parse(answer.data, answer.len), "content"));
        if (!content)
            fail(job, "failed", "the file is not plain text", job->path);
    }
    release(&answer, &call);
    return content;
}

static int write_file(Job *job)
{
    SwitchoverBuffer answer;
    Text call = {0};
    int done;

    text_add(&call, "{\"write\": {\"follow\": true, \"path\": ");
    text_add_quoted(&call, job->path);
    text_add(&call, ", \"content\": {\"inline\": ");
    text_add_quoted(&call, job->after);
    text_add(&call, "}}}");
    done = ask(job, "cannot write the file", &call, &answer);
    release(&answer, &call);
    return done;
}

static int holds_line(const char *content, const char *line)
{
    size_t length = strlen(line);

    while (*content) {
        const char *end = strchr(content, '\n');
        size_t here = end ? (size_t)(end - content) : strlen(content);
        if (here == length && memcmp(content, line, length) == 0)
            return 1;
        content += here + (end ? 1 : 0);
    }
    return 0;
}

/* Fills `before` and `after`. Returns 0 after a failure. */
static int look(Job *job)
{
    Text after = {0};
    int exists = file_exists(job);

    if (exists < 0)
        return 0;
    job->before = exists ? read_file(job) : calloc(1, 1);
    if (!job->before)
        return 0;
    if (exists && holds_line(job->before, job->line))
        return 1;
    text_add(&after, job->before);
    if (after.len > 0 && after.data[after.len - 1] != '\n')
        text_add(&after, "\n");
    text_add(&after, job->line);
    text_add(&after, "\n");
    if (after.failed) {
        free(after.data);
        return 0;
    }
    job->after = after.data;
    return 1;
}

static void add_result(Job *job)
{
    text_add(&job->reply, "\"result\": {\"path\": ");
    text_add_quoted(&job->reply, job->path);
    text_add(&job->reply, "}}}");
}

static void check(Job *job)
{
    if (!look(job))
        return;
    if (!job->after) {
        text_add(&job->reply, "{\"delta\": {\"delta\": \"none\", ");
    } else {
        text_add(&job->reply, "{\"delta\": {\"delta\": \"some\", \"changes\": [{\"what\": ");
        text_add_quoted(&job->reply, job->path);
        text_add(&job->reply, ", \"before\": ");
        text_add_quoted(&job->reply, job->before);
        text_add(&job->reply, ", \"after\": ");
        text_add_quoted(&job->reply, job->after);
        text_add(&job->reply, "}], ");
    }
    add_result(job);
}

static void apply(Job *job)
{
    if (!look(job))
        return;
    if (job->after && !write_file(job))
        return;
    text_add(&job->reply, job->after ? "{\"outcome\": {\"changed\": true, " : "{\"outcome\": {\"changed\": false, ");
    add_result(job);
}

static int32_t invoke(const uint8_t *request, size_t len, const SwitchoverHostApi *host, SwitchoverBuffer *out)
{
    Job job = {host, {0}, NULL, NULL, NULL, NULL};
    Json asked = json_parse(request, len);
    Json operation = json_get(asked, "operation");
    Json params = json_get(asked, "params");

    job.line = json_text(json_get(params, "line"));
    job.path = json_text(json_get(params, "path"));
    if (!job.line || !job.path)
        fail(&job, "arguments", "line and path must be texts", NULL);
    else if (strchr(job.line, '\n'))
        fail(&job, "arguments", "line must be one line", NULL);
    else if (json_is(operation, "\"check\""))
        check(&job);
    else if (json_get(operation, "apply").at)
        apply(&job);
    else
        fail(&job, "panicked", "this operation is not known", NULL);

    free(job.line);
    free(job.path);
    free(job.before);
    free(job.after);
    if (job.reply.failed || !job.reply.data) {
        free(job.reply.data);
        return 1;
    }
    out->data = (uint8_t *)job.reply.data;
    out->len = job.reply.len;
    out->capacity = job.reply.capacity;
    out->free = free_bytes;
    return 0;
}

static const SwitchoverPluginApi API = {SWITCHOVER_ABI, sizeof(SwitchoverPluginApi), describe, invoke};

SWITCHOVER_EXPORT const SwitchoverPluginApi *switchover_plugin_v1(void)
{
    return &API;
}
