"""What AAT-02 leaves to the implementation, as libwrit has it. Each only ever denies more."""

TOKEN_SIZE_MAX = 65536  # step 2a: the value that section 4.3 recommends
CHAIN_SIZE_MAX = 262144  # step 2b: the same; a proof is not larger either
LINKS_MAX = 33  # no depth reaches further: refused at step 4f, before the work
NESTING_MAX = 80  # arrays and objects within one another, in any JSON
MEMBERS_MAX = 1024  # of one object
INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1  # times and depths
CONSTRAINT_DEPTH_MAX = 32  # of what is written in notation
JTI_MAX = 128  # bytes, under aat-02+writ
DIGEST_OVER = 4096  # bytes of an argument that may stand in the proof as its digest

# writ_terms.
TERMS_MAX = 256  # elements of a list, and of what the fold makes of it
QUORUM_MAX = 999999999
