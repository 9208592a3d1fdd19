/* What is known about the subject of a question: the reasons of a decision, each of which says who
 * says so. Nothing here is a score.
 *
 * Units:     amount in base units of the asset, share in parts per million of all that the address
 *            received or sent of it, score in per mille, confidence in percent, ages in seconds.
 * Ownership: texts are borrowed from whoever was asked, for as long as its snapshot is held.
 * Threads:   as whoever holds it. */
#ifndef CORDON_SCREEN_REASON_H
#define CORDON_SCREEN_REASON_H

#include "base/u256.h"

#define SCREEN_AGE_UNKNOWN UINT64_MAX

enum screen_direction { SCREEN_INBOUND, SCREEN_OUTBOUND };
#define SCREEN_DIRECTIONS 2

/* Inbound: CREDIT, REVIEW, BLOCK, UNKNOWN. Outbound: ALLOW, HOLD, REJECT, BLOCK, UNKNOWN. */
enum screen_decision {
    SCREEN_CREDIT,
    SCREEN_ALLOW,
    SCREEN_REVIEW,
    SCREEN_HOLD,
    SCREEN_REJECT,
    SCREEN_BLOCK,
    SCREEN_UNKNOWN,
};
#define SCREEN_DECISIONS 7

enum screen_evidence {
    SCREEN_LISTED,  /* the address or name stands on a sanctions list: a potential match */
    SCREEN_TAGGED,  /* somebody says what the address is */
    SCREEN_ENTITY,  /* another address of its entity is listed or tagged */
    SCREEN_EXPOSED, /* value came from, or went to, a category or case */
    SCREEN_HELD,    /* a hold is in force */
};
#define SCREEN_EVIDENCES 5

enum screen_subject { SCREEN_OF_ADDRESS, SCREEN_OF_NAME, SCREEN_OF_TRANSFER };
#define SCREEN_SUBJECTS 3

/* What a reason is about, where a transfer is asked about. */
enum screen_about {
    SCREEN_ABOUT_SUBJECT, /* the address or name itself */
    SCREEN_ABOUT_PAYER,
    SCREEN_ABOUT_PAYEE,
    SCREEN_ABOUT_TRANSFER,
};
#define SCREEN_ABOUTS 4

struct screen_reason {
    enum screen_evidence evidence;
    const char *category; /* "sanctions", "theft", "mixer": docs/tags.md */
    const char *source;   /* who says so, in which version */
    const char *chain;    /* SCREEN_ENTITY, SCREEN_EXPOSED: of which ledger; else NULL */
    const char *list;     /* that is behind it: "ofac-sdn"; or NULL */
    const char *entry;    /* SCREEN_LISTED: its id on the list; SCREEN_HELD: the alert */
    const char *case_id;  /* of a theft that is followed; else NULL */
    /* SCREEN_TAGGED, SCREEN_EXPOSED, of a case of a group; else NULL */
    const char *state;  /* of the case: "reported", "verified" */
    const char *member; /* who has reported it */
    const char *policy; /* SCREEN_EXPOSED: by which it is traced */
    bool unverified;    /* nobody vouches for it: of rules, those that ask for its state alone */
    const char *until;  /* SCREEN_HELD: when it expires */
    bool early;         /* SCREEN_HELD: by what is in no block yet, at this node alone */
    bool off_chain;     /* SCREEN_HELD: its deposit was undone, and is nowhere now */
    const char *label;  /* the listed name, the tag's label, the counterparty; may be NULL */
    enum screen_about about;
    const char *party; /* the address of the payer or payee that it is about; else NULL */
    bool exact;        /* SCREEN_LISTED: by address or document, not by likeness of a name */
    const char *listed_address; /* SCREEN_LISTED: what the list has, where another one was asked
                                 * about that the same key spends, or another spelling; else NULL */
    bool quiet; /* a person said that it is a false positive, and nothing changed since */
    bool own;   /* a private tag: shown to its owner alone */
    /* SCREEN_EXPOSED */
    bool direct, received; /* else through others; else sent */
    const char *asset;     /* symbol */
    unsigned decimals;
    struct u256 amount;
    uint32_t share_ppm, hops;
    const char *const *path; /* [path_n] transactions from the source to here, or on to it */
    size_t path_n;
    uint32_t score;      /* of a name */
    unsigned confidence; /* of a tag */
};

/* One question with all that is known. */
struct screen_facts {
    enum screen_direction direction;
    enum screen_subject subject;
    const char *asset; /* of the transfer that is asked about; NULL: none is named */
    unsigned decimals;
    struct u256 amount;
    const struct screen_reason *reasons; /* [reasons_n] */
    size_t reasons_n;
    bool outage;       /* something that should have been asked did not answer */
    bool of_chain;     /* asked about an address or a transaction: exposure matters */
    bool covered;      /* a ledger of its chain is there */
    uint64_t data_age; /* of the newest block of that ledger, or SCREEN_AGE_UNKNOWN */
    uint64_t list_age; /* of the list imported longest ago, or SCREEN_AGE_UNKNOWN: no lists */
};

const char *screen_direction_name(enum screen_direction d);
const char *screen_decision_name(enum screen_decision d);
const char *screen_evidence_name(enum screen_evidence e);
const char *screen_subject_name(enum screen_subject s); /* "address", "name", "transfer" */
const char *screen_about_name(enum screen_about a);     /* "subject", "payer", ... */
/* Is it one of the decisions of that direction? */
bool screen_decision_fits(enum screen_decision d, enum screen_direction of);

#endif
