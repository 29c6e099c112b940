/**
 * Runs the fuzz targets: classes named {@code *Fuzz} beside what they test, with a method {@code
 * fuzzerTestOneInput(byte[])} that throws when something that must always be true is not. Each has
 * a folder of seeds {@code fuzz/<class name>} in the test resources; an input that has failed once
 * is put there, with a name that says what it showed.
 */
@NullMarked
package dev.caravan.fuzz;

import org.jspecify.annotations.NullMarked;
