// SPDX-License-Identifier: Apache-2.0
// What Swift imports of libssl: a client's side of TLS over a socket. Macros become functions.
#ifndef URNA_COPENSSLTLS_SHIM_H
#define URNA_COPENSSLTLS_SHIM_H

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/// Certificates are verified against the system's authorities; TLS 1.2 and later. NULL on failure.
static inline SSL_CTX *urna_tls_context(void) {
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  if (context == NULL) return NULL;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_default_verify_paths(context) != 1) {
    SSL_CTX_free(context);
    return NULL;
  }
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // A write that is repeated after a wait may come from another buffer with the same bytes.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

/// The client shows this certificate, PEM, with its chain behind it, when a server asks for one. 1 on success.
static inline int urna_tls_identity(SSL_CTX *context, const char *certificate, const char *key) {
  return SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
         SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 &&
         SSL_CTX_check_private_key(context) == 1;
}

/// A connection over `socket` to a server that must show a certificate for `host`. NULL on failure.
static inline SSL *urna_tls_connection(SSL_CTX *context, int socket, const char *host, int is_ip) {
  static const unsigned char protocols[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL *connection = SSL_new(context);
  if (connection == NULL) return NULL;
  X509_VERIFY_PARAM *parameters = SSL_get0_param(connection);
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  int named = is_ip ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host)
                    : SSL_set1_host(connection, host) == 1 &&
                          SSL_set_tlsext_host_name(connection, host) == 1;
  if (named != 1 || SSL_set_fd(connection, socket) != 1 ||
      SSL_set_alpn_protos(connection, protocols, sizeof protocols) != 0) {
    SSL_free(connection);
    return NULL;
  }
  SSL_set_connect_state(connection);
  return connection;
}

/// Why the certificate was not accepted; NULL when it was.
static inline const char *urna_tls_certificate_problem(const SSL *connection) {
  long result = SSL_get_verify_result(connection);
  return result == X509_V_OK ? NULL : X509_verify_cert_error_string(result);
}

#endif
