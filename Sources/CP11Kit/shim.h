// SPDX-License-Identifier: Apache-2.0
// What Swift imports of p11-kit, and the functions of a PKCS#11 module's table. A place in the table that
// is empty counts as a function that the module does not support.
#ifndef URNA_CP11KIT_SHIM_H
#define URNA_CP11KIT_SHIM_H

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>

#define URNA_P11_CALL(module, name, ...) \
  ((module)->name == NULL ? CKR_FUNCTION_NOT_SUPPORTED : (module)->name(__VA_ARGS__))

/// Slots with a token in them.
static inline CK_RV urna_p11_slots(CK_FUNCTION_LIST *module, CK_SLOT_ID *slots, CK_ULONG *count) {
  return URNA_P11_CALL(module, C_GetSlotList, 1, slots, count);
}

static inline CK_RV urna_p11_token_info(CK_FUNCTION_LIST *module, CK_SLOT_ID slot,
                                        CK_TOKEN_INFO *info) {
  return URNA_P11_CALL(module, C_GetTokenInfo, slot, info);
}

static inline CK_RV urna_p11_mechanism_info(CK_FUNCTION_LIST *module, CK_SLOT_ID slot,
                                            CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info) {
  return URNA_P11_CALL(module, C_GetMechanismInfo, slot, type, info);
}

static inline CK_RV urna_p11_open_session(CK_FUNCTION_LIST *module, CK_SLOT_ID slot, CK_FLAGS flags,
                                          CK_SESSION_HANDLE *session) {
  return URNA_P11_CALL(module, C_OpenSession, slot, flags, NULL, NULL, session);
}

static inline CK_RV urna_p11_close_session(CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session) {
  return URNA_P11_CALL(module, C_CloseSession, session);
}

static inline CK_RV urna_p11_close_all_sessions(CK_FUNCTION_LIST *module, CK_SLOT_ID slot) {
  return URNA_P11_CALL(module, C_CloseAllSessions, slot);
}

/// The PIN is read only, whatever the type says.
static inline CK_RV urna_p11_login(CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session,
                                   CK_USER_TYPE user, const void *pin, CK_ULONG count) {
  return URNA_P11_CALL(module, C_Login, session, user, (unsigned char *)pin, count);
}

static inline CK_RV urna_p11_logout(CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session) {
  return URNA_P11_CALL(module, C_Logout, session);
}

static inline CK_RV urna_p11_find_init(CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session,
                                       CK_ATTRIBUTE *template_, CK_ULONG count) {
  return URNA_P11_CALL(module, C_FindObjectsInit, session, template_, count);
}

static inline CK_RV urna_p11_find(CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session,
                                  CK_OBJECT_HANDLE *objects, CK_ULONG capacity, CK_ULONG *count) {
  return URNA_P11_CALL(module, C_FindObjects, session, objects, capacity, count);
}

static inline CK_RV urna_p11_find_final(CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session) {
  return URNA_P11_CALL(module, C_FindObjectsFinal, session);
}

static inline CK_RV urna_p11_attributes(CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session,
                                        CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template_,
                                        CK_ULONG count) {
  return URNA_P11_CALL(module, C_GetAttributeValue, session, object, template_, count);
}

static inline CK_RV urna_p11_destroy(CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session,
                                     CK_OBJECT_HANDLE object) {
  return URNA_P11_CALL(module, C_DestroyObject, session, object);
}

/// Starts a signature by a mechanism without a parameter.
static inline CK_RV urna_p11_sign_init(CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session,
                                       CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE key) {
  CK_MECHANISM mechanism = {type, NULL, 0};
  return URNA_P11_CALL(module, C_SignInit, session, &mechanism, key);
}

/// The data are read only, whatever the type says.
static inline CK_RV urna_p11_sign(CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session,
                                  const unsigned char *data, CK_ULONG data_count,
                                  unsigned char *signature, CK_ULONG *signature_count) {
  return URNA_P11_CALL(module, C_Sign, session, (unsigned char *)data, data_count, signature,
                       signature_count);
}

/// Makes a pair of keys by a mechanism without a parameter.
static inline CK_RV urna_p11_generate_pair(CK_FUNCTION_LIST *module, CK_SESSION_HANDLE session,
                                           CK_MECHANISM_TYPE type, CK_ATTRIBUTE *public_template,
                                           CK_ULONG public_count, CK_ATTRIBUTE *private_template,
                                           CK_ULONG private_count, CK_OBJECT_HANDLE *public_key,
                                           CK_OBJECT_HANDLE *private_key) {
  CK_MECHANISM mechanism = {type, NULL, 0};
  return URNA_P11_CALL(module, C_GenerateKeyPair, session, &mechanism, public_template, public_count,
                       private_template, private_count, public_key, private_key);
}

#undef URNA_P11_CALL

#endif
