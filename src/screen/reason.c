/* The words of decisions and evidence. */
#include "screen/reason.h"

const char *screen_direction_name(enum screen_direction d)
{
    switch (d) {
    case SCREEN_INBOUND:
        return "inbound";
    case SCREEN_OUTBOUND:
        return "outbound";
    }
    return "";
}

const char *screen_decision_name(enum screen_decision d)
{
    switch (d) {
    case SCREEN_CREDIT:
        return "CREDIT";
    case SCREEN_ALLOW:
        return "ALLOW";
    case SCREEN_REVIEW:
        return "REVIEW";
    case SCREEN_HOLD:
        return "HOLD";
    case SCREEN_REJECT:
        return "REJECT";
    case SCREEN_BLOCK:
        return "BLOCK";
    case SCREEN_UNKNOWN:
        return "UNKNOWN";
    }
    return "";
}

const char *screen_evidence_name(enum screen_evidence e)
{
    switch (e) {
    case SCREEN_LISTED:
        return "listed";
    case SCREEN_TAGGED:
        return "tagged";
    case SCREEN_ENTITY:
        return "entity";
    case SCREEN_EXPOSED:
        return "exposed";
    case SCREEN_HELD:
        return "held";
    }
    return "";
}

bool screen_decision_fits(enum screen_decision d, enum screen_direction of)
{
    switch (d) {
    case SCREEN_CREDIT:
    case SCREEN_REVIEW:
        return of == SCREEN_INBOUND;
    case SCREEN_ALLOW:
    case SCREEN_HOLD:
    case SCREEN_REJECT:
        return of == SCREEN_OUTBOUND;
    case SCREEN_BLOCK:
    case SCREEN_UNKNOWN:
        return true;
    }
    return false;
}

const char *screen_subject_name(enum screen_subject s)
{
    switch (s) {
    case SCREEN_OF_ADDRESS:
        return "address";
    case SCREEN_OF_NAME:
        return "name";
    case SCREEN_OF_TRANSFER:
        return "transfer";
    }
    return "";
}

const char *screen_about_name(enum screen_about a)
{
    switch (a) {
    case SCREEN_ABOUT_SUBJECT:
        return "subject";
    case SCREEN_ABOUT_PAYER:
        return "payer";
    case SCREEN_ABOUT_PAYEE:
        return "payee";
    case SCREEN_ABOUT_TRANSFER:
        return "transfer";
    }
    return "";
}
