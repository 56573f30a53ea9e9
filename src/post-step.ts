// The post step, beside index.js in the bundle, which knows it by its name: a main step that a cancel or a full disk has
// ended at once could save nothing by which to know it.
import './index.js';
