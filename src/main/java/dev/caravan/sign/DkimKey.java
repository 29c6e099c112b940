package dev.caravan.sign;

import java.security.PrivateKey;

/** A private key that signs for a domain under a selector. */
record DkimKey(String selector, Algorithm algorithm, PrivateKey key) {
  enum Algorithm {
    RSA_SHA256("rsa-sha256"),
    ED25519_SHA256("ed25519-sha256");

    private final String tag;

    Algorithm(String tag) {
      this.tag = tag;
    }

    /** As in {@code a=}. */
    String tag() {
      return tag;
    }
  }

  @Override
  public String toString() {
    return "DkimKey[" + selector + " " + algorithm.tag + "]";
  }
}
