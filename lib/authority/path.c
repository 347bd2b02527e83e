/*
 * Paths of path_containment. A path is compared as it stands, never repaired: whatever two
 * programs could read in two ways is refused, and what is left is compared by whole segments.
 */
#include "authority/constraint.h"

static bool is_control(uint8_t byte)
{
    return byte < 0x20 || byte == 0x7f;
}

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
}

/* "%2e", "%2f", "%5c", "%00" at this place: somebody downstream might decode them. */
static bool hides_a_byte(struct writ_slice path, size_t at)
{
    if (path.data[at] != '%' || path.size - at < 3)
        return false;
    const uint8_t high = path.data[at + 1], low = lower(path.data[at + 2]);
    return (high == '2' && (low == 'e' || low == 'f')) || (high == '5' && low == 'c') ||
           (high == '0' && low == '0');
}

static bool is_plain_segment(const uint8_t *segment, size_t size)
{
    if (size == 0)
        return false;
    if (segment[0] != '.')
        return true;
    return !(size == 1 || (size == 2 && segment[1] == '.'));
}

bool writ_path_is_normal(struct writ_slice path)
{
    if (path.size == 0 || path.data[0] != '/')
        return false;
    for (size_t i = 0; i < path.size; i++)
        if (is_control(path.data[i]) || path.data[i] == '\\' || hides_a_byte(path, i))
            return false;
    if (path.size == 1)
        return true;
    size_t start = 1;
    for (size_t i = 1; i <= path.size; i++) {
        if (i < path.size && path.data[i] != '/')
            continue;
        if (!is_plain_segment(path.data + start, i - start))
            return false;
        start = i + 1;
    }
    return true;
}

bool writ_path_is_under(struct writ_slice root, struct writ_slice path)
{
    if (!writ_path_is_normal(root) || !writ_path_is_normal(path))
        return false;
    if (root.size == 1 || writ_slice_equal(root, path))
        return true;
    return writ_slice_starts(path, root) && path.data[root.size] == '/';
}
