/* A tag: who says what about an address.
 *
 * A tag is one party's statement and no more: its source, its day and how sure its author was stand
 * beside it, and two tags of one address may disagree. What an entity is (category) and what it is
 * accused of (abuse) are rows of one table; the words of TagPacks, of explorers and of published
 * label sets are read as one of them. docs/tags.md has the table for people.
 *
 * Ownership: a tag's texts belong to whoever filled it in (a pack's arena, a set's mapping).
 * Threads:   the tables are constant. */
#ifndef CORDON_ENTITY_TAG_H
#define CORDON_ENTITY_TAG_H

#include "chain/address_key.h"

/* The numbers are in sets on disk; a new category goes to the end. */
enum tag_category {
    TAG_UNKNOWN, /* not told, or in a word that is not known */
    TAG_EXCHANGE,
    TAG_OTC,
    TAG_GUARANTEE_MARKET, /* escrow for sellers of stolen data, accounts and laundering */
    TAG_INSTANT_SWAPPER,
    TAG_MIXER,
    TAG_COINJOIN, /* a coordinator, or its fees: nobody else's coins rest there */
    TAG_BRIDGE,
    TAG_LENDER,
    TAG_ISSUER, /* of a token, with the power to freeze it */
    TAG_GAMBLING,
    TAG_PAYMENT,
    TAG_FREELANCE,
    TAG_MINER,
    TAG_CUSTODIAN, /* wallets whose keys somebody else holds */
    TAG_DEFI,
    TAG_DEX,
    TAG_MARKET, /* of goods, collectibles, services */
    TAG_ATM,
    TAG_FAUCET,
    TAG_TOKEN, /* a contract, or its sale */
    TAG_ORGANISATION,
    TAG_PERSON,
    TAG_SERVICE, /* some service */
    TAG_SCAM,
    TAG_PHISHING,
    TAG_PONZI,
    TAG_EXTORTION,
    TAG_RANSOMWARE,
    TAG_MALWARE,
    TAG_THEFT, /* thefts, hacks, exploits: the taker's addresses */
    TAG_SANCTIONED,
    TAG_TERRORISM,
    TAG_EXTREMISM,
    TAG_DARKNET_MARKET,
    TAG_CHILD_ABUSE,
    TAG_LAUNDERING,
    TAG_FROZEN, /* on an issuer's black list */
    TAG_CATEGORIES,
};
_Static_assert(TAG_CATEGORIES <= 64, "a set of categories is 64 bits");

/* What a category is, for rules: */
enum tag_group {
    TAG_GROUP_OTHER,
    TAG_GROUP_SERVICE,  /* holds what others send to it: value cannot be followed through */
    TAG_GROUP_PROTOCOL, /* code that moves value by public rules */
    TAG_GROUP_ABUSE,    /* what somebody is accused of */
};

/* GraphSense's scale (tagpack-tool, confidence.csv), its levels from 0 to 100. The numbers are in
 * sets on disk. */
enum tag_confidence {
    TAG_CONFIDENCE_UNKNOWN, /* also: not told */
    TAG_HEURISTIC,
    TAG_WEB_CRAWL,
    TAG_UNTRUSTED_TRANSACTION,
    TAG_FORENSIC,
    TAG_SERVICE_DATA,
    TAG_TRUSTED_PROVIDER,
    TAG_AUTHORITY_DATA,
    TAG_SERVICE_API,
    TAG_MANUAL_TRANSACTION,
    TAG_OWNERSHIP,
    TAG_OVERRIDE,
    TAG_CONFIDENCES,
};

#define TAG_NO_DAY UINT64_MAX

/* What is said. Texts are UTF-8 without control characters; "" where nothing is told. */
struct tag {
    const char *label;
    const char *actor;   /* id of who it is: "binance", of an ActorPack */
    const char *source;  /* where it was said */
    const char *network; /* chain or ticker as the source has it: one EVM key is on many chains */
    const char *pack;    /* who said it */
    enum tag_category category, abuse; /* abuse: of TAG_GROUP_ABUSE, or TAG_UNKNOWN */
    enum tag_confidence confidence;
    uint64_t lastmod;     /* seconds since 1970, UTC; TAG_NO_DAY: not told */
    bool cluster_definer; /* it holds for all addresses under one control with this one */
    bool private;         /* a vendor's, or our own: never exported, never in a shared trace */
};

const char *tag_category_name(enum tag_category c);       /* "otc", "darknet_market" */
enum tag_category tag_category_by_name(const char *name); /* TAG_CATEGORIES: none such */
enum tag_group tag_category_group(enum tag_category c);
const char *tag_category_meaning(enum tag_category c);        /* one line for people */
const char *tag_confidence_name(enum tag_confidence c);       /* "authority_data" */
enum tag_confidence tag_confidence_by_name(const char *name); /* TAG_CONFIDENCES: none such */
unsigned tag_confidence_level(enum tag_confidence c);         /* 0 to 100 */

static inline uint64_t tag_category_bit(enum tag_category c)
{
    return (uint64_t)1 << c;
}

/* A word of a source ("defi_dex", "mixing_service", "phish-hack", "Exchange"), in either case.
 * TAG_CATEGORIES: no word that is known. */
enum tag_category tag_category_of_word(const char *p, size_t n);
/* Is the word the name of one service (an explorer's label "huobi"), and so an actor's id, too? */
bool tag_word_is_actor(const char *p, size_t n);

#endif
