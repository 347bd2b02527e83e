/* The service's own keys and the files that they live in. */
#include "suites.h"

#include "keys/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[32];
static char master[64];
static char issuer[64];

static void start(void)
{
    snprintf(directory, sizeof directory, "/tmp/writ-keys-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(master, sizeof master, "%s/master.key", directory);
    snprintf(issuer, sizeof issuer, "%s/issuer.key", directory);
}

static void stop(void)
{
    unlink(master);
    unlink(issuer);
    rmdir(directory);
}

static struct keys *must_open(void)
{
    struct keys *keys = NULL;
    ck_assert(writ_is_ok(keys_open(directory, &keys)));
    return keys;
}

static void refuses_to_open(void)
{
    struct keys *keys = NULL;
    ck_assert(!writ_is_ok(keys_open(directory, &keys)));
    ck_assert_ptr_null(keys);
}

START_TEST(keys_are_made_once_and_signatures_verify)
{
    struct stat about;
    uint8_t signature[64];
    const struct writ_slice input = WRIT_SLICE_LITERAL("header.payload");
    struct keys *first = must_open();
    ck_assert_int_eq(stat(master, &about), 0);
    ck_assert_uint_eq(about.st_mode & 0777, 0600);
    ck_assert_int_eq(about.st_size, 32);
    ck_assert_int_eq(stat(issuer, &about), 0);
    ck_assert_uint_eq(about.st_mode & 0777, 0600);
    struct keys *second = must_open();
    ck_assert_mem_eq(keys_issuer_public(first), keys_issuer_public(second), 32);
    keys_sign_issuer(second, input, signature);
    ck_assert(writ_signature_verify(keys_issuer_public(first), input, signature));
    ck_assert_uint_eq(strlen(keys_issuer_id(first)), 43);
    ck_assert_ptr_nonnull(strstr(keys_issuer_jwk(first), keys_issuer_id(first)));
    keys_free(first);
    keys_free(second);
}
END_TEST

START_TEST(a_key_that_others_can_read_is_refused)
{
    keys_free(must_open());
    ck_assert_int_eq(chmod(master, 0640), 0);
    refuses_to_open();
    ck_assert_int_eq(chmod(master, 0604), 0);
    refuses_to_open();
    ck_assert_int_eq(chmod(master, 0600), 0);
    keys_free(must_open());
}
END_TEST

START_TEST(a_lost_or_changed_master_key_is_refused)
{
    char kept[80];
    snprintf(kept, sizeof kept, "%s.kept", master);
    keys_free(must_open());
    ck_assert_int_eq(rename(master, kept), 0);
    refuses_to_open();
    ck_assert_int_ne(access(master, F_OK), 0); /* and no new one was made */
    ck_assert_int_eq(symlink(kept, master), 0);
    refuses_to_open();
    unlink(master);
    FILE *other = fopen(master, "w");
    fputs("0123456789abcdef0123456789abcdef", other);
    fclose(other);
    chmod(master, 0600);
    refuses_to_open();
    ck_assert_int_eq(truncate(master, 31), 0);
    refuses_to_open();
    ck_assert_int_eq(rename(kept, master), 0);
    keys_free(must_open());
}
END_TEST

START_TEST(what_is_sealed_opens_only_for_its_purpose_and_owner)
{
    uint8_t sealed[6 + WRIT_SEAL_OVERHEAD] = {0};
    uint8_t plain[6];
    uint8_t mac[32];
    uint8_t other_mac[32];
    const struct writ_slice box = writ_slice_of(sealed, sizeof sealed);
    const struct writ_slice a = WRIT_SLICE_LITERAL("holder a");
    const struct writ_slice b = WRIT_SLICE_LITERAL("holder b");
    struct keys *keys = must_open();
    keys_seal(keys, KEYS_HOLDER, a, WRIT_SLICE_LITERAL("secret"), sealed);
    ck_assert(keys_unseal(keys, KEYS_HOLDER, a, box, plain));
    ck_assert_mem_eq(plain, "secret", 6);
    ck_assert(!keys_unseal(keys, KEYS_HOLDER, b, box, plain));
    ck_assert(!keys_unseal(keys, KEYS_ANSWER, a, box, plain));
    sealed[30] ^= 1;
    ck_assert(!keys_unseal(keys, KEYS_HOLDER, a, box, plain));
    keys_mac(keys, KEYS_NONCE, a, mac);
    keys_mac(keys, KEYS_CURSOR, a, other_mac);
    ck_assert_mem_ne(mac, other_mac, 32);
    keys_free(keys);
}
END_TEST

START_TEST(processes_that_start_together_get_the_same_key)
{
    int ends[2];
    uint8_t seen[8][32];
    ck_assert_int_eq(pipe(ends), 0);
    for (int i = 0; i < 8; i++)
        if (fork() == 0) {
            struct keys *keys = NULL;
            if (!writ_is_ok(keys_open(directory, &keys)))
                _exit(1);
            _exit(write(ends[1], keys_issuer_public(keys), 32) == 32 ? 0 : 1);
        }
    for (int i = 0; i < 8; i++) {
        int status = 1;
        wait(&status);
        ck_assert_int_eq(status, 0);
    }
    for (int i = 0; i < 8; i++) {
        ck_assert_int_eq(read(ends[0], seen[i], 32), 32);
        ck_assert_mem_eq(seen[i], seen[0], 32);
    }
}
END_TEST

Suite *suite_keys(void)
{
    TCase *tests = tcase_create("keys");
    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, keys_are_made_once_and_signatures_verify);
    tcase_add_test(tests, a_key_that_others_can_read_is_refused);
    tcase_add_test(tests, a_lost_or_changed_master_key_is_refused);
    tcase_add_test(tests, what_is_sealed_opens_only_for_its_purpose_and_owner);
    tcase_add_test(tests, processes_that_start_together_get_the_same_key);
    return suite_of("keys", tests);
}
