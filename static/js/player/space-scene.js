/** What the graphics card draws: dancers, the floor they stand on, the ways of their hands. Three.js comes as an argument. */
import { bodySurface, PARTS, partMatrices } from "./space-body.js";
import { FLOOR_FRAGMENT, FLOOR_VERTEX, MOST_SHADES } from "./space-floor.js";

const FOV_DEG = 30;
const FLOOR_RADIUS_M = 5;
const AIM_M = 0.92;
const TALL_M = 2.3;
const BROAD_M = 1.5;
const MOST_DOTS = 2;
const LEAST_DOTS = 0.6;
const COARSER = 0.7;
const TRAIL_WIDTH_M = 0.018;
const LIGHT_SHARE = 0.42;
const CONTROLS_PX = 76;

/** One renderer, one camera; drawn when asked. */
export class SpaceScene {
  #dancers = [];
  #fitM = 1;
  #dots = 1;
  #coarse = 1;

  /**
   * @param {object} three the module
   * @param {HTMLCanvasElement} canvas
   * @param {WebGL2RenderingContext} context
   * @param {object} tokens colours by name (lib/colours.js)
   */
  constructor(three, canvas, context, tokens) {
    this.three = three;
    this.tokens = tokens;
    this.renderer = new three.WebGLRenderer({ canvas, context, antialias: true, alpha: true });
    this.renderer.setClearAlpha(0);
    this.scene = new three.Scene();
    this.camera = new three.PerspectiveCamera(FOV_DEG, 1, 0.1, 60);
    this.#addLights();
    this.#addFloor();
  }

  get drawCalls() {
    return this.renderer.info.render.calls;
  }

  /** @param {{name: string, lengthsM: number[], statureM: number}} dancer */
  addDancer({ name, lengthsM, statureM }) {
    this.#dancers.push(new Figure(this.three, this.scene, { colour: this.tokens[name], tokens: this.tokens, lengthsM, statureM }));
  }

  resize({ width, height, dots }) {
    this.#dots = Math.min(dots, MOST_DOTS);
    this.renderer.setPixelRatio(this.#dots * this.#coarse);
    this.renderer.setSize(width, height, false);
    // The dancer stands above the floating controls, the floor reaches below them.
    const clearPx = Math.max(height - CONTROLS_PX, height / 2);
    this.camera.aspect = width / clearPx;
    this.camera.setViewOffset(width, clearPx, 0, 0, width, height);
    const half = Math.tan((FOV_DEG * Math.PI) / 360);
    this.#fitM = Math.max(TALL_M / 2 / half, BROAD_M / 2 / half / this.camera.aspect);
  }

  /**
   * @param {(object|null)[]} shown for each dancer `{pose, roles, wrong: Set, trails}` or null where nobody is in view
   * @param {{azimuthRad: number, elevationRad: number, zoom: number}} orbit
   * @param {number} aimX where over the floor the camera looks
   */
  draw(shown, orbit, aimX) {
    this.#aim(orbit, aimX);
    this.#dancers.forEach((figure, i) => figure.show(shown[i] ?? null, this.camera));
    this.#shade(shown.filter(Boolean));
    this.renderer.render(this.scene, this.camera);
  }

  /** Fewer dots, for a device that cannot keep up; whether there was anything left to give up. */
  coarsen() {
    if (this.#dots * this.#coarse <= LEAST_DOTS) return false;
    this.#coarse = Math.max(this.#coarse * COARSER, LEAST_DOTS / this.#dots);
    this.renderer.setPixelRatio(this.#dots * this.#coarse);
    return true;
  }

  dispose() {
    for (const figure of this.#dancers) figure.dispose();
    this.floor.geometry.dispose();
    this.floor.material.dispose();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }

  #aim({ azimuthRad, elevationRad, zoom }, aimX) {
    const away = this.#fitM * zoom * 1.04;
    const across = Math.cos(elevationRad) * away;
    const { camera } = this;
    camera.position.set(aimX + Math.sin(azimuthRad) * across, AIM_M + Math.sin(elevationRad) * away, Math.cos(azimuthRad) * across);
    camera.lookAt(aimX, AIM_M, 0);
    // The light goes round with who looks, so that nobody is a shadow from behind.
    this.lights.position.set(aimX, 0, 0);
    this.lights.rotation.y = azimuthRad;
    this.floor.position.x = Math.round(aimX);
  }

  #addLights() {
    const { three, tokens } = this;
    this.lights = new three.Group();
    const light = (colour, strength, x, y, z) => {
      const lamp = new three.DirectionalLight(colour, strength);
      lamp.position.set(x, y, z);
      lamp.target.position.set(0, 0.9, 0);
      this.lights.add(lamp, lamp.target);
    };
    light(tokens.paper, 2.1, -1.6, 3.2, 3.2);
    light("#9fb4ff", 1.7, 2.6, 1.8, -2.2);
    light(tokens.paper, 0.9, -2.8, 2.4, -1.8);
    this.scene.add(this.lights, new three.HemisphereLight("#c9d2ee", "#23283a", 0.95));
  }

  #addFloor() {
    const { three, tokens } = this;
    const geometry = new three.CircleGeometry(FLOOR_RADIUS_M, 48).rotateX(-Math.PI / 2);
    const material = new three.ShaderMaterial({
      vertexShader: FLOOR_VERTEX,
      fragmentShader: FLOOR_FRAGMENT,
      transparent: true,
      premultipliedAlpha: true,
      depthWrite: false,
      side: three.DoubleSide,
      uniforms: {
        lineColour: { value: new three.Color(tokens.edge) },
        poolColour: { value: new three.Color(tokens.edge) },
        radiusM: { value: FLOOR_RADIUS_M },
        centreX: { value: 0 },
        shades: { value: Array.from({ length: MOST_SHADES }, () => new three.Vector4(0, 0, 0, 0)) },
      },
    });
    this.floor = new three.Mesh(geometry, material);
    this.floor.renderOrder = -1;
    this.scene.add(this.floor);
  }

  // What is near the floor darkens it, the nearer the more: feet stand on it, and a jump is seen.
  #shade(shown) {
    const { shades, centreX } = this.floor.material.uniforms;
    centreX.value = this.lights.position.x;
    let at = 0;
    for (const { pose, roles } of shown) {
      for (const [joint, broadM] of roles.shading) {
        if (at < MOST_SHADES) shades.value[at++].set(pose[joint * 3], Math.max(pose[joint * 3 + 1], 0), pose[joint * 3 + 2], broadM);
      }
    }
    for (; at < MOST_SHADES; at += 1) shades.value[at].w = 0;
  }
}

/** One dancer: a single mesh whose parts hang on as many bones, and the ribbons of the hands. */
class Figure {
  #matrices = new Float32Array(PARTS.length * 16);
  #wrong = "";

  constructor(three, scene, { colour, tokens, lengthsM, statureM }) {
    this.three = three;
    this.scene = scene;
    this.lengthsM = lengthsM;
    this.surface = bodySurface(lengthsM, statureM);
    this.colours = { plain: new three.Color(colour), light: new three.Color(colour).lerp(new three.Color(tokens.paper), LIGHT_SHARE), dark: new three.Color(tokens.night), wrong: new three.Color(tokens.wrong) };
    this.mesh = this.#mesh();
    this.trail = new Trail(three, this.colours.plain);
    scene.add(this.mesh, this.trail.mesh);
    this.#paint(new Set());
  }

  show(shown, camera) {
    this.mesh.visible = shown !== null;
    this.trail.show(shown?.trails ?? [], camera);
    if (!shown) return;
    partMatrices(shown.pose, shown.roles, this.lengthsM, this.#matrices);
    this.mesh.skeleton.bones.forEach((bone, part) => bone.matrixWorld.fromArray(this.#matrices, part * 16));
    const wrong = [...shown.wrong].sort().join();
    if (wrong !== this.#wrong) this.#paint(shown.wrong);
    this.#wrong = wrong;
  }

  dispose() {
    this.mesh.geometry.dispose();
    this.mesh.material.dispose();
    this.mesh.skeleton.dispose();
    this.trail.dispose();
  }

  #mesh() {
    const { three, surface } = this;
    const points = surface.parts.length;
    const geometry = new three.BufferGeometry();
    geometry.setAttribute("position", new three.BufferAttribute(surface.positions, 3));
    geometry.setAttribute("normal", new three.BufferAttribute(surface.normals, 3));
    geometry.setAttribute("color", new three.BufferAttribute(new Float32Array(points * 3), 3));
    geometry.setAttribute("skinIndex", new three.BufferAttribute(Uint8Array.from({ length: points * 4 }, (_, i) => (i % 4 ? 0 : surface.parts[i / 4])), 4));
    geometry.setAttribute("skinWeight", new three.BufferAttribute(Float32Array.from({ length: points * 4 }, (_, i) => (i % 4 ? 0 : 1)), 4));
    geometry.setIndex(new three.BufferAttribute(surface.indices, 1));
    const mesh = new three.SkinnedMesh(geometry, new three.MeshStandardMaterial({ vertexColors: true, roughness: 0.58, metalness: 0.05 }));
    const bones = PARTS.map(() => new three.Bone());
    mesh.bind(new three.Skeleton(bones, bones.map(() => new three.Matrix4())), new three.Matrix4());
    // Its parts are moved on the graphics card: where the whole lies cannot be told from its points.
    mesh.frustumCulled = false;
    return mesh;
  }

  #paint(wrong) {
    const { surface, colours } = this;
    const attribute = this.mesh.geometry.getAttribute("color");
    const colour = new this.three.Color();
    surface.shades.forEach((shade, point) => {
      colour.copy(wrong.has(PARTS[surface.parts[point]].limb) ? colours.wrong : colours.plain);
      if (shade > 0 && !wrong.has(PARTS[surface.parts[point]].limb)) colour.lerp(colours.light, shade);
      if (shade < 0) colour.lerp(colours.dark, -shade);
      attribute.setXYZ(point, colour.r, colour.g, colour.b);
    });
    attribute.needsUpdate = true;
  }
}

/** The dance line: ribbons that always show their broad side, thin and faint at their old end. */
class Trail {
  #points = 0;

  constructor(three, colour) {
    this.three = three;
    this.colour = colour;
    const material = new three.MeshBasicMaterial({ vertexColors: true, transparent: true, depthWrite: false, side: three.DoubleSide });
    this.mesh = new three.Mesh(new three.BufferGeometry(), material);
    this.mesh.frustumCulled = false;
    this.mesh.visible = false;
  }

  /** @param {([number, number, number]|null)[][]} trails places of each hand, oldest first */
  show(trails, camera) {
    this.mesh.visible = trails.length > 0;
    if (!this.mesh.visible) return;
    const steps = trails[0].length;
    if (steps * trails.length !== this.#points) this.#allocate(trails.length, steps);
    trails.forEach((trail, hand) => this.#ribbon(trail, hand * steps, camera.position));
    for (const name of ["position", "color"]) this.mesh.geometry.getAttribute(name).needsUpdate = true;
  }

  dispose() {
    this.mesh.geometry.dispose();
    this.mesh.material.dispose();
  }

  #allocate(hands, steps) {
    const { three, mesh } = this;
    this.#points = hands * steps;
    mesh.geometry.dispose();
    mesh.geometry = new three.BufferGeometry();
    mesh.geometry.setAttribute("position", new three.BufferAttribute(new Float32Array(this.#points * 6), 3));
    mesh.geometry.setAttribute("color", new three.BufferAttribute(new Float32Array(this.#points * 8), 4));
    const indices = [];
    for (let hand = 0; hand < hands; hand += 1) {
      for (let step = 1; step < steps; step += 1) {
        const corner = 2 * (hand * steps + step);
        indices.push(corner - 2, corner - 1, corner, corner - 1, corner + 1, corner);
      }
    }
    mesh.geometry.setIndex(indices);
  }

  #ribbon(trail, first, eye) {
    const position = this.mesh.geometry.getAttribute("position");
    const colour = this.mesh.geometry.getAttribute("color");
    trail.forEach((point, step) => {
      const age = step / (trail.length - 1);
      const [left, right] = point ? ribbonEdges(point, trail[step - 1] ?? point, trail[step + 1] ?? point, eye, TRAIL_WIDTH_M * (0.15 + 0.85 * age)) : NOWHERE;
      const whole = point && (step === 0 || trail[step - 1]);
      for (const [edge, place] of [left, right].entries()) {
        const corner = 2 * (first + step) + edge;
        position.setXYZ(corner, ...place);
        colour.setXYZW(corner, this.colour.r, this.colour.g, this.colour.b, whole ? 0.6 * age * age : 0);
      }
    });
  }
}

const NOWHERE = [[0, -9, 0], [0, -9, 0]];

function ribbonEdges(point, before, after, eye, widthM) {
  const way = after.map((value, axis) => value - before[axis]);
  const sight = [eye.x - point[0], eye.y - point[1], eye.z - point[2]];
  const across = [way[1] * sight[2] - way[2] * sight[1], way[2] * sight[0] - way[0] * sight[2], way[0] * sight[1] - way[1] * sight[0]];
  const share = widthM / 2 / (Math.hypot(...across) || 1);
  return [1, -1].map((sign) => point.map((value, axis) => value + sign * across[axis] * share));
}
