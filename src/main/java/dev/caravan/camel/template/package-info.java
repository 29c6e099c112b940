/**
 * Templates of mails, in Mustache, from the files of one folder. A template is a text with holes:
 * it runs no code, reads no file outside its folder, and sees nothing but the data it is given.
 */
@NullMarked
package dev.caravan.camel.template;

import org.jspecify.annotations.NullMarked;
