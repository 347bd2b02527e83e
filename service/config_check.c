#include "config_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* host:port, with an IPv6 address in brackets. Names are resolved when the socket is bound. */
static bool split_listen(struct config *config, const struct reading *reading)
{
    const char *text = config->listen;
    const char *colon = strrchr(text, ':');
    if (!colon || colon == text)
        return config_refuse(reading, "listen", "must be address:port");
    const char *digits = colon + 1;
    const size_t size = strlen(digits);
    const unsigned long port = strtoul(digits, NULL, 10);
    if (size == 0 || size > 5 || strspn(digits, "0123456789") != size || port > UINT16_MAX)
        return config_refuse(reading, "listen", "the port must be a number from 0 to 65535");
    struct writ_slice host = writ_slice_of(text, (size_t)(colon - text));
    const bool bracketed = host.data[0] == '[' && host.data[host.size - 1] == ']';
    if (bracketed)
        host = writ_slice_of(host.data + 1, host.size - 2);
    else if (memchr(host.data, ':', host.size))
        return config_refuse(reading, "listen", "an IPv6 address goes in brackets: [::1]:8420");
    config->listen_host = writ_arena_text(&config->arena, host);
    config->listen_port = (uint16_t)port;
    return true;
}

static bool check_file(const struct reading *reading, const char *name, const char *path)
{
    return !path || access(path, R_OK) == 0 || config_refuse(reading, name, strerror(errno));
}

/* What stands behind the scheme; NULL, and said, where that is another one or nothing follows. */
static const char *behind_scheme(const struct reading *reading, const char *name, const char *url)
{
    const bool https = strncmp(url, "https://", 8) == 0;
    const char *rest = url + (https ? 8 : 7);
    if (!https && strncmp(url, "http://", 7) != 0)
        config_refuse(reading, name, "must begin with https:// or http://");
    else if (*rest == 0 || *rest == '/')
        config_refuse(reading, name, "must have a host");
    else
        return rest;
    return NULL;
}

static bool is_plain(const char *text, const char *without)
{
    for (const char *c = text; *c; c++)
        if (*c <= ' ' || *c >= 0x7f || strchr(without, *c))
            return false;
    return true;
}

static bool check_url(const struct reading *reading, const char *name, const char *url)
{
    const char *rest = behind_scheme(reading, name, url);
    if (!rest)
        return false;
    if (url[strlen(url) - 1] == '/')
        return config_refuse(reading, name, "must have no slash at its end");
    if (!is_plain(rest, "?#\"\\@"))
        return config_refuse(reading, name, "must be plain: no query, fragment or user");
    return true;
}

/* A token that goes over plain http to another machine is everybody's. */
static bool is_private(const char *url)
{
    static const char *const LOOPBACK[] = {"http://127.0.0.1", "http://localhost", "http://[::1]"};
    for (size_t i = 0; i < sizeof LOOPBACK / sizeof LOOPBACK[0]; i++) {
        const size_t size = strlen(LOOPBACK[i]);
        if (strncmp(url, LOOPBACK[i], size) == 0 && strchr(":/", url[size]))
            return true;
    }
    return strncmp(url, "https://", 8) == 0;
}

static bool check_engine(const struct reading *reading, const char *name, const char *url,
                         const char *token_name, const char *token)
{
    if (url && !check_url(reading, name, url))
        return false;
    if (token && !url)
        return config_refuse(reading, token_name, "needs the URL of the engine as well");
    if (token && !is_private(url))
        return config_refuse(reading, token_name, "is sent over https, or on this machine only");
    return true;
}

static bool check_engines(const struct config *config, const struct reading *reading)
{
    if (config->policy_opa && !strstr(config->policy_opa, "/v1/data/"))
        return config_refuse(reading, "policy-opa", "must name a document: .../v1/data/PATH");
    return check_file(reading, "policy-ca", config->policy_ca) &&
           check_engine(reading, "policy-opa", config->policy_opa, "policy-opa-token",
                        config->policy_opa_token) &&
           check_engine(reading, "policy-authzen", config->policy_authzen, "policy-authzen-token",
                        config->policy_authzen_token);
}

/* Other people's URL, so it may have a query. */
static bool check_webhook(const struct config *config, const struct reading *reading)
{
    const char *url = config->approval_webhook;
    const char *secret = config->approval_webhook_secret;
    if (url && !secret)
        return config_refuse(reading, "approval-webhook", "needs approval-webhook-secret as well");
    if (secret && !url)
        return config_refuse(reading, "approval-webhook-secret", "needs approval-webhook as well");
    const char *rest = url ? behind_scheme(reading, "approval-webhook", url) : "";
    if (!rest)
        return false;
    if (!is_plain(rest, "#\"\\@"))
        return config_refuse(reading, "approval-webhook", "must have no fragment and no user");
    return check_file(reading, "approval-webhook-secret", secret);
}

bool config_check(struct config *config, const struct reading *reading)
{
    if (!split_listen(config, reading) || !check_url(reading, "issuer-url", config->issuer_url) ||
        !check_engines(config, reading) || !check_webhook(config, reading))
        return false;
    if (config->tls_cert && !config->tls_key)
        return config_refuse(reading, "tls-cert", "needs tls-key as well");
    if (config->tls_key && !config->tls_cert)
        return config_refuse(reading, "tls-key", "needs tls-cert as well");
    if (!check_file(reading, "tls-cert", config->tls_cert) ||
        !check_file(reading, "tls-key", config->tls_key))
        return false;
    if (config->staleness_write_ms > config->staleness_read_ms)
        return config_refuse(reading, "staleness-write-ms", "must not exceed staleness-read-ms");
    if (config->follow && !config->database)
        return config_refuse(reading, "follow", "needs database as well");
    if (config->threads == 0) {
        const long cores = sysconf(_SC_NPROCESSORS_ONLN);
        config->threads = cores < 1 ? 1 : cores > 256 ? 256 : (uint32_t)cores;
    }
    return true;
}
