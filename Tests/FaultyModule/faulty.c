// SPDX-License-Identifier: Apache-2.0
// A PKCS#11 module for tests: the module whose path is BASE, with faults that are chosen when this is compiled.
//
//   SIGN_CODE, SIGN_TIMES   C_Sign answers SIGN_CODE so many times, and leaves the operation open
//   PIN_ONCE                the PIN is taken once, is wrong the next time, and locked after that
//   ASKS                    the private key asks for the PIN before every signature
//   EXTRACTABLE             the private key says that it may leave
//   NO_EXPONENT             the private key does not say its exponent
//   ANOTHER                 from the second time on that its modulus is asked for, the key has another one
//   SESSIONS                so many sessions at a time
//   NO_RAW                  the token does not offer the raw operation
//   SHORT, WRONG            signatures have a byte less, or a wrong bit
//   EMPTY                   the table has no C_Sign

#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdatomic.h>
#include <stddef.h>

static CK_FUNCTION_LIST *base;
static CK_FUNCTION_LIST table;

#ifdef SIGN_CODE
static atomic_int sign_count;
#endif
#ifdef PIN_ONCE
static atomic_int login_count;
#endif
#ifdef ASKS
// The tests use one session.
static atomic_int is_allowed;
#endif
#ifdef ANOTHER
static atomic_int modulus_count;
#endif
#ifdef SESSIONS
static atomic_int session_count;
#endif

static CK_RV faulty_sign(CK_SESSION_HANDLE session, unsigned char *data, CK_ULONG data_count,
                         unsigned char *signature, CK_ULONG *count) {
#ifdef SIGN_CODE
  if (atomic_fetch_add(&sign_count, 1) < SIGN_TIMES) return SIGN_CODE;
#endif
#ifdef ASKS
  if (!atomic_exchange(&is_allowed, 0)) return CKR_USER_NOT_LOGGED_IN;
#endif
  CK_RV code = base->C_Sign(session, data, data_count, signature, count);
#ifdef SHORT
  *count -= 1;
#endif
#ifdef WRONG
  signature[0] ^= 1;
#endif
  return code;
}

static CK_RV faulty_login(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *pin,
                          CK_ULONG count) {
#ifdef ASKS
  if (user == CKU_CONTEXT_SPECIFIC) {
    is_allowed = 1;
    return CKR_OK;
  }
#endif
#ifdef PIN_ONCE
  int before = atomic_fetch_add(&login_count, 1);
  if (before > 0) return before == 1 ? CKR_PIN_INCORRECT : CKR_PIN_LOCKED;
#endif
  return base->C_Login(session, user, pin, count);
}

static CK_RV faulty_attributes(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                               CK_ATTRIBUTE *attributes, CK_ULONG count) {
  CK_OBJECT_CLASS kind = 0;
  CK_ATTRIBUTE asked = {CKA_CLASS, &kind, sizeof kind};
  CK_RV code = base->C_GetAttributeValue(session, object, &asked, 1);
  if (code != CKR_OK) return code;
#ifdef NO_EXPONENT
  if (kind == CKO_PRIVATE_KEY && attributes[0].type == CKA_PUBLIC_EXPONENT) {
    attributes[0].ulValueLen = (CK_ULONG)-1;
    return CKR_ATTRIBUTE_TYPE_INVALID;
  }
#endif
  code = base->C_GetAttributeValue(session, object, attributes, count);
  if (code != CKR_OK || kind != CKO_PRIVATE_KEY || attributes[0].pValue == NULL) return code;
  unsigned char *value = attributes[0].pValue;
#ifdef EXTRACTABLE
  if (attributes[0].type == CKA_EXTRACTABLE) value[0] = 1;
#endif
#ifdef ASKS
  if (attributes[0].type == CKA_ALWAYS_AUTHENTICATE) value[0] = 1;
#endif
#ifdef ANOTHER
  if (attributes[0].type == CKA_MODULUS && atomic_fetch_add(&modulus_count, 1) > 0) value[20] ^= 1;
#endif
  (void)value;
  return code;
}

static CK_RV faulty_open(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
                         CK_SESSION_HANDLE *session) {
#ifdef SESSIONS
  if (atomic_fetch_add(&session_count, 1) >= SESSIONS) return CKR_SESSION_COUNT;
#endif
  return base->C_OpenSession(slot, flags, application, notify, session);
}

static CK_RV faulty_mechanism(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info) {
#ifdef NO_RAW
  if (type == CKM_RSA_X_509) return CKR_MECHANISM_INVALID;
#endif
  return base->C_GetMechanismInfo(slot, type, info);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) {
  void *library = dlopen(BASE, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return CKR_GENERAL_ERROR;
  CK_C_GetFunctionList get = (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
  if (get == NULL || get(&base) != CKR_OK) return CKR_GENERAL_ERROR;
  table = *base;
  table.C_Sign = faulty_sign;
  table.C_Login = faulty_login;
  table.C_GetAttributeValue = faulty_attributes;
  table.C_OpenSession = faulty_open;
  table.C_GetMechanismInfo = faulty_mechanism;
#ifdef EMPTY
  table.C_Sign = NULL;
#endif
  *list = &table;
  return CKR_OK;
}
