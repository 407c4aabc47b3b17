export type { AclNativeOptions } from './acl-native-options.js';
