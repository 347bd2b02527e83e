#include "ledger/label.h"

/* bit 0: something was read; bit 1: untrusted; bits 2 and 3: level; above: until, in ms. */
enum { BIT_READ = 1, BIT_UNTRUSTED = 2, SHIFT_LEVEL = 2, MASK_LEVEL = 3, SHIFT_UNTIL = 4 };

int64_t label_known(const struct writ_label *label, bool settled, int64_t asked_us)
{
    int64_t known = BIT_READ;
    if (label && label->integrity == WRIT_LABEL_UNTRUSTED)
        known |= BIT_UNTRUSTED;
    if (label)
        known |= (int64_t)label->confidentiality << SHIFT_LEVEL;
    if (settled)
        known |= ((asked_us + LABEL_KNOWN_US) / 1000) << SHIFT_UNTIL;
    return known;
}

bool label_is_fresh(int64_t known, int64_t now_us)
{
    return now_us / 1000 < known >> SHIFT_UNTIL;
}

struct writ_label label_as_known(int64_t known)
{
    return (struct writ_label){
        .confidentiality = (enum writ_confidentiality)((known >> SHIFT_LEVEL) & MASK_LEVEL),
        .integrity = known & BIT_UNTRUSTED ? WRIT_LABEL_UNTRUSTED : WRIT_LABEL_TRUSTED,
    };
}

bool label_reached(int64_t known, const struct writ_label *label)
{
    const int level = (int)(known >> SHIFT_LEVEL) & MASK_LEVEL;
    const bool is_untrusted = (known & BIT_UNTRUSTED) != 0;
    return (known & BIT_READ) != 0 && (int)label->confidentiality <= level &&
           (label->integrity == WRIT_LABEL_TRUSTED || is_untrusted);
}

bool label_holds(int64_t known, const struct writ_label *label, int64_t now_us)
{
    return label_reached(known, label) && label->categories->count == 0 &&
           label_is_fresh(known, now_us);
}
