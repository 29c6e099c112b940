/**
 * Proof that nothing is lost: a gateway in a process of its own, under load, is injured and healed,
 * and every mail is accounted for. Run by {@code mvn -Pproof verify} only; {@code
 * src/docs/proof.md} tells what each injury models.
 */
@NullMarked
package dev.caravan.proof;

import org.jspecify.annotations.NullMarked;
